from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from events.codec import json_text
from events.connection_test import ConnectionTestRequested, Line, Reply, Warned
from events.smtp_setting import SettingValues
from events.store.port import LAST_POSITION, DropRow, PutRow
from services.config_api.domain.connection_test import TestState
from services.config_api.domain.setting import SettingState
from services.config_api.read_model import documents
from services.config_api.read_model.documents import (
    instant,
    localized_test,
    setting_document,
    setting_json,
)
from services.config_api.read_model.projections import (
    TokenState,
    rows_for_setting,
    rows_for_test,
    rows_for_token,
)
from services.config_api.read_model.tables import connection_tests, last_tests, smtp_settings
from tests.support.asking import a_result
from tests.support.generated_settings import written_settings

if TYPE_CHECKING:
    from services.config_api.formats.port import WrittenSetting

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
VALUES = SettingValues(
    host="xn--mnchen-3ya.example",
    host_unicode="München.example",
    port=587,
    session_properties={"mail.b": "2", "mail.a": "1"},
)
ACME = SettingState(
    setting_id="Acme",
    version=3,
    values=VALUES,
    origin="registered",
    created_at=NOON,
    updated_at=NOON,
    updated_by="user:alice",
)
ASKED = ConnectionTestRequested(
    test_id="t", setting_id="Acme", setting_version=3, draft=None, depth="auth"
)
QUEUED = TestState(
    test_id="t", version=1, requested=ASKED, requested_at=NOON, requested_by="user:alice"
)
ENDED = replace(QUEUED, version=2, result=a_result(), attempts=1, finished_at=NOON)


def test_a_moment_is_told_in_utc_with_z() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert instant(datetime(2026, 3, 1, 21, 0, 0, 5, tzinfo=tokyo)) == "2026-03-01T12:00:00.000005Z"
    assert instant(None) is None


@given(written=written_settings(), is_default=st.booleans())
def test_the_json_of_a_setting_is_its_document(written: WrittenSetting, is_default: bool) -> None:
    state = structs.replace(
        ACME, setting_id=written.setting_id, values=written.values, is_default=is_default
    )
    assert setting_json(state) == json_text(setting_document(state))


def test_a_setting_has_all_fields_of_the_contract() -> None:
    assert list(setting_document(ACME)) == [
        "id",
        "host",
        "port",
        "security",
        "tls_protocols",
        "ca_pem",
        "auth",
        "x_mailer",
        "debug",
        "connection_timeout_ms",
        "timeout_ms",
        "session_properties",
        "host_unicode",
        "is_default",
        "origin",
        "version",
        "secret",
        "created_at",
        "updated_at",
        "updated_by",
    ]


def test_properties_stand_in_one_order() -> None:
    turned = dict(reversed(VALUES.session_properties.items()))
    other = structs.replace(ACME, values=structs.replace(VALUES, session_properties=turned))
    assert rows_for_setting(other) == rows_for_setting(ACME)


def test_a_row_holds_the_finished_document_and_what_is_searched() -> None:
    (row,) = rows_for_setting(ACME)
    assert isinstance(row, PutRow)
    assert row.newer_by == "version"
    assert json.loads(row.values["document"]) == setting_document(ACME)
    assert row.values["search"] == "acme\nxn--mnchen-3ya.example\nmünchen.example\n"


def test_a_deleted_setting_has_no_row() -> None:
    assert rows_for_setting(structs.replace(ACME, values=None)) == (
        DropRow(table=smtp_settings, key={"id": "Acme"}),
    )


def test_what_is_not_there_has_no_document() -> None:
    with pytest.raises(ValueError, match="no values"):
        setting_document(structs.replace(ACME, values=None))
    with pytest.raises(ValueError, match="never asked"):
        documents.test_document(TestState(test_id="t"))


def test_a_requested_test_has_a_row_and_is_no_last_test() -> None:
    (row,) = rows_for_test(QUEUED, LAST_POSITION)
    assert isinstance(row, PutRow)
    assert row.table is connection_tests
    assert (row.values["position"], row.values["verdict"]) == (LAST_POSITION, None)


def test_a_completed_test_keeps_its_place_and_is_the_last_test() -> None:
    row, last = rows_for_test(ENDED, 7)
    assert isinstance(row, PutRow)
    assert isinstance(last, PutRow)
    assert (row.values["position"], row.values["verdict"]) == (7, "passed")
    assert (last.table, last.newer_by) == (last_tests, "position")
    assert last.values["setting_version"] == 3


@pytest.mark.parametrize(
    "asked",
    [
        replace(ASKED, draft=VALUES),
        replace(ASKED, draft=VALUES, setting_id=None, setting_version=None),
    ],
)
def test_a_draft_is_nobodys_last_test(asked: ConnectionTestRequested) -> None:
    assert len(rows_for_test(replace(ENDED, requested=asked), 7)) == 1


def test_a_token_that_was_never_issued_has_no_row() -> None:
    assert rows_for_token(TokenState(token_id="t")) == ()


def test_a_test_tells_its_sentences_in_the_asked_language() -> None:
    result = a_result(
        verdict="failed",
        code="bad_credentials",
        step="auth",
        reply=Reply(code=535, enhanced="5.7.8", text="no"),
        warnings=(Warned(code="cert_expires_soon", facts={"days": 3}),),
        transcript=(Line(sender="server", text="535 no", at_ms=1.0),),
    )
    document = documents.test_document(replace(ENDED, result=result))
    english, japanese = (localized_test(document, language) for language in ("en", "ja"))
    assert english["title"] != japanese["title"]
    assert english["hint"]
    assert set(english["warnings"][0]) == {"code", "title", "hint"}
    assert english["transcript"] == [{"from": "server", "text": "535 no", "at_ms": 1.0}]
    assert english["reply"] == {"code": 535, "enhanced": "5.7.8", "text": "no"}
    assert len(english["steps"]) == 13
    assert "facts" in document


def test_a_cancelled_test_is_inconclusive() -> None:
    document = documents.test_document(replace(QUEUED, cancelled=True, finished_at=NOON))
    assert (document["verdict"], document["code"]) == ("inconclusive", "cancelled")
    assert localized_test(document, "en")["title"]
