"""From states to rows: the same functions serve every command and every rebuild."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from events.access import TokenCreated, TokenRevoked
from events.codec import json_text
from events.smtp_setting import SettingValues
from events.store.port import LAST_POSITION, DropRow, Placeholder, PutRow, RowWrite
from services.config_api.domain.connection_test import TestState
from services.config_api.domain.setting import Recorded, SettingState
from services.config_api.read_model.documents import setting_json, test_document
from services.config_api.read_model.tables import (
    connection_tests,
    last_tests,
    smtp_settings,
    tokens,
)

Position = int | Placeholder


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenState:
    """A token as its stream tells it; `created` is None where there is none."""

    token_id: str
    version: int = 0
    created: TokenCreated | None = None
    created_at: datetime | None = None
    created_by: str | None = None
    revoked_at: datetime | None = None


def evolve_token(state: TokenState, recorded: Recorded, fact: object) -> TokenState:
    """Return the state after one more fact; an unknown one only counts as a version."""
    state = replace(state, version=recorded.version)
    match fact:
        case TokenCreated():
            return replace(
                state,
                created=fact,
                created_at=recorded.recorded_at,
                created_by=recorded.actor,
            )
        case TokenRevoked():
            return replace(state, revoked_at=recorded.recorded_at)
        case _:
            return state


def searchable(text: str) -> str:
    """Return a text as searches compare it: without regard to case."""
    return text.casefold()


def search_text(setting_id: str, values: SettingValues) -> str:
    """Return the text that searches for a setting look into."""
    parts = (setting_id, values.host, values.host_unicode, values.auth.user or "")
    return searchable("\n".join(parts))


def setting_row(state: SettingState) -> Mapping[str, Any] | None:
    """Return the row of a setting, None where there is no setting."""
    if state.values is None:
        return None
    return {
        "id": state.setting_id,
        "version": state.version,
        "is_default": state.is_default,
        "search": search_text(state.setting_id, state.values),
        "document": setting_json(state),
    }


def test_row(state: TestState, position: Position) -> Mapping[str, Any] | None:
    """Return the row of a test that was requested at `position`."""
    if state.requested is None:
        return None
    document = test_document(state)
    return {
        "id": state.test_id,
        "version": state.version,
        "position": position,
        "setting_id": state.requested.setting_id,
        "verdict": document["verdict"],
        "document": json_text(document),
    }


def last_test_row(state: TestState, position: Position) -> Mapping[str, Any] | None:
    """Return the row of a setting's last test, for a test of it that completed at `position`.

    None for drafts, and for what was cancelled: that says nothing of the setting.
    """
    asked, result = state.requested, state.result
    if asked is None or result is None or asked.draft is not None:
        return None
    if asked.setting_id is None or asked.setting_version is None:
        return None
    return {
        "setting_id": asked.setting_id,
        "position": position,
        "test_id": state.test_id,
        "verdict": result.verdict,
        "setting_version": asked.setting_version,
        "finished_at": state.finished_at,
    }


def token_row(state: TokenState) -> Mapping[str, Any] | None:
    """Return the row of a token, None where there is none."""
    made = state.created
    if made is None:
        return None
    return {
        "id": state.token_id,
        "version": state.version,
        "sha256": made.sha256,
        "name": made.name,
        "roles": json.dumps(made.roles),
        "tenants": None if made.tenants is None else json.dumps(made.tenants),
        "created_at": state.created_at,
        "created_by": state.created_by,
        "expires_at": None if made.expires_at is None else datetime.fromisoformat(made.expires_at),
        "revoked_at": state.revoked_at,
    }


def rows_for_setting(state: SettingState) -> Sequence[RowWrite]:
    """Return what changes in the read model with a setting."""
    row = setting_row(state)
    if row is None:
        return (DropRow(table=smtp_settings, key={"id": state.setting_id}),)
    return (PutRow(table=smtp_settings, values=row, newer_by="version"),)


def rows_for_test(state: TestState, requested_at: Position) -> Sequence[RowWrite]:
    """Return what changes in the read model with a test; its last event is being appended."""
    rows: list[RowWrite] = []
    row = test_row(state, requested_at)
    if row is not None:
        rows.append(PutRow(table=connection_tests, values=row, newer_by="version"))
    last = last_test_row(state, LAST_POSITION)
    if last is not None:
        rows.append(PutRow(table=last_tests, values=last, newer_by="position"))
    return rows


def rows_for_token(state: TokenState) -> Sequence[RowWrite]:
    """Return what changes in the read model with a token."""
    row = token_row(state)
    return () if row is None else (PutRow(table=tokens, values=row, newer_by="version"),)
