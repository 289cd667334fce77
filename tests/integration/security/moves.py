"""Every way to move a setting: from the domain's own list of what makes a destination."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from services.config_api.domain.destination import destination
from services.config_api.domain.errors import InvalidSetting
from services.config_api.domain.jakarta_mail import OF_PROTOCOL, OF_SESSION, SMTP, SMTPS, Kind
from services.config_api.domain.session_properties import is_destination_name, is_secret_name
from services.config_api.domain.setting_fields import make_draft
from services.config_api.formats.registry import FORMATS
from tests.support.settings import a_certificate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.smtp_setting import SettingValues

Change = Literal["added", "changed", "removed"]
CHANGES: Final[tuple[Change, ...]] = get_args(Change)
FULL: Final = os.environ.get("RELAYBOOK_SWEEP") == "full"

#: A secret property beside the password, so that a change of method has a secret to move, too.
SECRET_PROPERTY: Final = "mail.smtp.proxy.password"
BASE: Final[dict[str, Any]] = {
    "host": "smtp.acme.example",
    "port": 587,
    "security": "starttls",
    "auth": {"method": "password", "user": "mailer"},
    "session_properties": {},
}
#: JSON pointer → another value; a destination field of the domain without one stops the tests.
ELSEWHERE: Final[dict[str, Any]] = {
    "/host": "smtp.evil.example",
    "/port": 2525,
    "/security": "none",
    "/tls_protocols": ["TLSv1"],
    "/ca_pem": a_certificate(),
    "/auth/method": "none",
    "/auth/user": "eve",
    "/auth/mechanism": "LOGIN",
    "/auth/provider_id": "evil",
}
_VALUES: Final = {
    Kind.TEXT: ("one.example", "two.example"),
    Kind.INT: ("1234", "1235"),
    Kind.FLAG: ("true", "false", "no", "yes"),
    Kind.JAVA: ("com.example.One", "com.example.Two"),
    Kind.OBJECT: ("one", "two"),
}


@dataclass(frozen=True)
class Move:
    """A setting before and after one destination field changed; neither holds a secret."""

    place: str
    change: Change
    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def patch(self) -> dict[str, Any]:
        """The merge patch that makes one of the other."""
        return _patch(self.before, self.after)

    def as_written_by(self, name: str) -> Move:
        """Return it the other way round where a file format has no place for what it leads to."""
        lost = FORMATS[name].loses(values_of(self.after))
        return self if not lost else Move(self.place, self.change, self.after, self.before)


def values_of(fields: dict[str, Any]) -> SettingValues:
    return make_draft(fields).values


def with_secrets(fields: dict[str, Any], secret: str) -> dict[str, Any]:
    """Return a setting with a password, where it takes one, and the secret property."""
    given = {"password": secret} if fields["auth"]["method"] == "password" else {}
    properties = fields["session_properties"] | {SECRET_PROPERTY: f"{secret}-proxy"}
    return fields | {"auth": fields["auth"] | given, "session_properties": properties}


def field_moves() -> Iterator[Move]:
    for pointer in destination(values_of(BASE)):
        yield Move(pointer, "changed", BASE, _with(pointer, ELSEWHERE[pointer]))


def property_names() -> list[str]:
    """Return the names of Jakarta Mail that are part of a destination and hold no secret."""
    prefixes = (SMTP, SMTPS) if FULL else (SMTP,)
    names = (*(one + name for one in prefixes for name in OF_PROTOCOL), *OF_SESSION)
    return [name for name in names if is_destination_name(name) and not is_secret_name(name)]


def property_moves() -> Iterator[Move]:
    """Return each property added, changed and removed; in a short run one of the three in turn."""
    for place, name in enumerate(property_names()):
        one, two = _accepted(name)
        ways: dict[Change, tuple[str | None, str | None]] = {
            "added": (None, one),
            "changed": (one, two),
            "removed": (two, None),
        }
        for change in CHANGES if FULL else (CHANGES[place % len(CHANGES)],):
            before, after = ways[change]
            pointer = f"/session_properties/{name}"
            yield Move(pointer, change, _having(name, before), _having(name, after))


def moves() -> list[Move]:
    return [*field_moves(), *property_moves()]


def _accepted(name: str) -> tuple[str, str]:
    """Return two values that the base setting may have."""
    kind = OF_SESSION.get(name) or OF_PROTOCOL[name.removeprefix(SMTPS).removeprefix(SMTP)]
    one, two, *_ = [value for value in _VALUES[kind] if _is_accepted(name, value)]
    return one, two


def _is_accepted(name: str, value: str) -> bool:
    try:
        make_draft(_having(name, value))
    except InvalidSetting:
        return False
    return True


def _having(name: str, value: str | None) -> dict[str, Any]:
    return BASE if value is None else BASE | {"session_properties": {name: value}}


def _with(pointer: str, value: object) -> dict[str, Any]:
    first, _, second = pointer.removeprefix("/").partition("/")
    return BASE | {first: BASE[first] | {second: value} if second else value}


def _patch(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = dict.fromkeys(before.keys() - after.keys())
    for name, value in after.items():
        old = before.get(name)
        if isinstance(value, dict) and isinstance(old, dict):
            patch |= {name: inner} if (inner := _patch(old, value)) else {}
        elif old != value:
            patch[name] = value
    return patch
