"""Builders of settings and drafts, and given/when/then for `decide`."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from events.smtp_setting import SettingRegistered
from services.config_api.domain import setting
from services.config_api.domain.decide_setting import decide
from services.config_api.domain.errors import DomainError
from services.config_api.domain.setting_commands import (
    AnyVersion,
    DeleteSetting,
    ImportSetting,
    RegisterSetting,
    ReplaceSetting,
)
from services.config_api.domain.setting_fields import make_draft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.smtp_setting import SettingEvent, SettingValues
    from events.transfer import ImportMode
    from services.config_api.domain.setting import SettingState
    from services.config_api.domain.setting_commands import ExpectedSetting, SettingCommand
    from services.config_api.domain.setting_fields import SettingDraft

_E = TypeVar("_E", bound=DomainError)

TENANT = "acme"
BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ALICE = "user:alice"
#: The authority “ACME Root”, valid from 2020 to 2120.
_DER = b64decode(
    "MIIBKzCB0qADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCUFDTUUgUm9vdDAgFw0yMDAxMDEwMDAw"
    "MDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJQUNNRSBSb290MFkwEwYHKoZIzj0CAQYIKoZIzj0D"
    "AQcDQgAEUnUdip05e5IrSr6ieeDxTkwaAO8IeGzbAEsqdEd1yGwIH1dc2F63r6lreFUlc6grZNTm7+l7DGBO"
    "xWh5X9MM16MTMBEwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBRIvd/jqai6hsh1IgR4BCX"
    "KKdUQjXqc0ROxThl7wIYsQIhAKcNg3NqwENAr5KsP3aTNoH9Qf3OA0/rQwsiDIN/k0dT"
)


def a_certificate(der: bytes = _DER) -> str:
    """Return a certificate, that of an authority if none is given, in PEM."""
    base64 = b64encode(der).decode()
    lines = [base64[start : start + 64] for start in range(0, len(base64), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])


def some_fields(**changes: Any) -> dict[str, Any]:
    """Return the document of a setting with a password; `auth` is merged, the rest replaced."""
    auth = {
        "method": "password",
        "user": "mailer@acme.example",
        "password": "correct horse",
    } | changes.pop("auth", {})
    fields: dict[str, Any] = {"host": "smtp.acme.example", "port": 587, "auth": auth}
    return fields | changes


def without_password(fields: dict[str, Any]) -> dict[str, Any]:
    auth = {name: value for name, value in fields["auth"].items() if name != "password"}
    return fields | {"auth": auth}


def a_draft(**changes: Any) -> SettingDraft:
    return make_draft(some_fields(**changes))


def a_draft_without_password(**changes: Any) -> SettingDraft:
    return make_draft(without_password(some_fields(**changes)))


def register(**changes: Any) -> RegisterSetting:
    return RegisterSetting(setting_id=TENANT, draft=a_draft(**changes))


def replace_by(
    draft: SettingDraft,
    *,
    expected: ExpectedSetting = AnyVersion.ANY,
    same: frozenset[str] = frozenset(),
) -> ReplaceSetting:
    return ReplaceSetting(setting_id=TENANT, draft=draft, expected=expected, same_secrets=same)


def import_by(
    draft: SettingDraft, *, mode: ImportMode = "update", same: frozenset[str] = frozenset()
) -> ImportSetting:
    return ImportSetting(
        setting_id=TENANT, draft=draft, import_id="import-1", mode=mode, same_secrets=same
    )


def delete(expected: ExpectedSetting = AnyVersion.ANY) -> DeleteSetting:
    return DeleteSetting(setting_id=TENANT, expected=expected)


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What of a recorded event a state remembers."""

    version: int
    recorded_at: datetime
    actor: str = ALICE


def recorded(facts: Sequence[object]) -> list[tuple[Envelope, object]]:
    """Return facts as a stream has them, a minute between two."""
    return [
        (Envelope(version=version, recorded_at=BEGIN + timedelta(minutes=version)), fact)
        for version, fact in enumerate(facts, start=1)
    ]


def state_after(facts: Sequence[object]) -> SettingState:
    return setting.fold(TENANT, recorded(facts))


class Given:
    """A setting's history; commands that are carried out become part of it."""

    def __init__(self, facts: Sequence[object] = ()) -> None:
        self.facts: list[object] = list(facts)

    @property
    def state(self) -> SettingState:
        return state_after(self.facts)

    @property
    def values(self) -> SettingValues:
        values = self.state.values
        assert values is not None
        return values

    def when(self, command: SettingCommand) -> list[SettingEvent]:
        """Carry a command out and return its facts."""
        decided = decide(command, self.state)
        self.facts += decided
        return decided

    def refuses(self, command: SettingCommand, error: type[_E]) -> _E:
        """Return the error that a command is refused with."""
        with pytest.raises(error) as raised:
            decide(command, self.state)
        return raised.value


def given_a_setting(**changes: Any) -> Given:
    """Return a setting registered with a password."""
    given = Given()
    given.when(register(**changes))
    return given


def given_facts(*facts: object) -> Given:
    return Given(facts)


def registered_with(values: SettingValues) -> SettingRegistered:
    return SettingRegistered(setting_id=TENANT, values=values)
