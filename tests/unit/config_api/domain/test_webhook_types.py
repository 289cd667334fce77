"""Patterns of types that webhooks ask for."""

from __future__ import annotations

import pytest

from services.config_api.domain.alerts import ALERT_TYPES
from services.config_api.domain.webhook_types import TYPES, fits_some, reach_audited, wants


@pytest.mark.parametrize(
    "pattern", ["#", "smtp_setting.*", "*.updated", "alert.#", "connection_test.completed", *TYPES]
)
def test_a_pattern_that_some_type_has_is_taken(pattern: str) -> None:
    assert fits_some(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["", "smtp_setting", "smtp_setting.", "nothing.*", "a.b.c.d.e", "A.*", "("],
)
def test_a_pattern_that_no_type_has_is_refused(pattern: str) -> None:
    assert not fits_some(pattern)


def test_one_of_several_patterns_is_enough() -> None:
    assert wants(["detection.*", "alert.test_failed"], "alert.test_failed")
    assert not wants(["detection.*", "alert.test_failed"], "alert.test_recovered")
    assert not wants([], "alert.test_failed")


def test_events_of_access_and_of_keys_are_for_auditors() -> None:
    assert reach_audited(["#"])
    assert reach_audited(["smtp_setting.*", "*.signed_in"])
    assert reach_audited(["key.shredded"])
    assert not reach_audited(["smtp_setting.*", "webhook.#", *ALERT_TYPES])
