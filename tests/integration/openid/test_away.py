"""Providers that are down, slow, out of bounds or change their keys."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.integration.openid.cheats import DISCOVERY, OTHER_KEY, SILENT
from tests.integration.openid.house import House, a_house, assert_refused
from tests.support.openid import Answer, Provider, Served, answered, signed

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def test_rotated_keys_are_fetched_at_most_once_a_minute(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    openid = house.relaybook.openid
    assert openid is not None
    seconds = [1000.0]
    for kept in (openid.provider._keys, openid.provider._metadata):
        monkeypatch.setattr(kept, "_now", lambda: seconds[0])
    assert house.journey().headers["Location"] == "/settings"
    house.provider.keys = [OTHER_KEY.as_dict(private=False)]
    house.provider.sign = lambda said: signed(said, OTHER_KEY, kid="k2")
    assert house.journey().status_code == 401
    assert house.provider.asked.count("/jwks") == 1
    seconds[0] += 61
    assert house.journey().headers["Location"] == "/settings"
    assert house.provider.asked.count("/jwks") == 2
    seconds[0] += 3601
    assert house.journey().headers["Location"] == "/settings"
    assert house.provider.asked.count("/jwks") == 3
    assert house.provider.asked.count(DISCOVERY) == 2


def test_a_provider_that_is_down_is_told_and_left_in_peace_for_a_while(
    sqlite_url: str, tmp_path: Path, watch_start: datetime
) -> None:
    served = Served()
    served.close()
    with a_house(served.provider, sqlite_url, tmp_path, now=watch_start) as house:
        for _ in range(2):
            answer = house.browser().get("/sign-in/openid")
            assert_refused(house, answer, 502, SILENT)
        assert house.browser().get("/sign-in").status_code == 200


def test_a_provider_that_is_slow_is_given_up_and_nobody_else_waits_for_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    openid = house.relaybook.openid
    assert openid is not None
    monkeypatch.setattr(openid.provider.client._transport, "_limit_s", 0.5)

    def slow() -> Answer:
        time.sleep(1.5)
        return answered({})

    house.provider.instead[DISCOVERY] = slow
    began = time.monotonic()
    for _ in range(3):
        assert_refused(house, house.browser().get("/sign-in/openid"), 502, SILENT)
    assert time.monotonic() - began < 1.5
    assert house.provider.asked.count(DISCOVERY) == 1


@pytest.mark.parametrize("allow", ["", "127.0.0.2/32:*"])
def test_a_provider_on_a_forbidden_address_gets_no_packet(
    provider: Provider, sqlite_url: str, tmp_path: Path, watch_start: datetime, allow: str
) -> None:
    rules = {"RELAYBOOK_PROBE_ALLOW": allow}
    with a_house(provider, sqlite_url, tmp_path, now=watch_start, **rules) as house:
        answer = house.browser().get("/sign-in/openid")
        assert_refused(house, answer, 502, "Relaybook may not connect to 127.0.0.1")
    assert provider.asked == []


def test_endpoints_on_a_forbidden_address_get_no_packet(house: House) -> None:
    house.provider.document["token_endpoint"] = "http://169.254.169.254/token"
    assert_refused(house, house.journey(), 502, "Relaybook may not connect to")
