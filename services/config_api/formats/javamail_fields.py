"""One `smtp-server` of a `javamail-config.xml` as a setting's fields (contract §8)."""

from __future__ import annotations

from typing import Any, Final

from services.config_api.domain.field_errors import Path
from services.config_api.domain.findings import Findings
from services.config_api.domain.secret import Secret
from services.config_api.domain.session_properties import FIELD as PROPERTIES
from services.config_api.domain.session_properties import is_secret_name
from services.config_api.domain.setting_id import is_setting_id
from services.config_api.formats.document import with_rules
from services.config_api.formats.items import as_typed
from services.config_api.formats.javamail_write import TYPED_HOST
from services.config_api.formats.port import ReadItem
from services.config_api.formats.xml_elements import Element

_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False, "": False}
_MAX_DIGITS: Final = 10
#: Element → path of the field that it holds; each may occur once where it belongs.
_ONCE: Final[dict[str, Path]] = {
    "smtps": ("security",),
    "protocols": ("tls_protocols",),
    "auth": ("auth",),
    "user": ("auth", "user"),
    "password": ("auth", "password"),
    "system-oauth-provider-id": ("auth", "provider_id"),
    "x-mailer": ("x_mailer",),
    "debug": ("debug",),
    "connection-timeout": ("connection_timeout_ms",),
    "timeout": ("timeout_ms",),
    "session-properties": (PROPERTIES,),
}


def read_server(server: Element) -> ReadItem:
    """Return the setting in an `smtp-server` element, or everything that is wrong with it."""
    findings = Findings()
    setting_id = _attribute(findings, "id", server, "id")
    if not findings.errors:
        if not setting_id:
            findings.refuse(("id",), "required")
        elif not is_setting_id(setting_id):
            findings.refuse(("id",), "id_invalid")
    fields = _fields(findings, server)
    _refuse_repeated(findings, server)
    errors = tuple(findings.errors)
    return ReadItem(
        setting_id=setting_id,
        fields=None if errors else fields,
        errors=with_rules(fields, errors) if errors else (),
        warnings=tuple(findings.warnings),
        line=server.line,
    )


def _refuse_repeated(findings: Findings, parent: Element) -> None:
    """Refuse what is said twice, as a key is in the other formats: one of them would get lost."""
    seen = set()
    for child in parent.children:
        if child.name in seen:
            findings.refuse(
                _ONCE[child.name],
                "element_repeated",
                element=child.name,
                parent=parent.name,
                line=child.line,
            )
        elif child.name in _ONCE:
            seen.add(child.name)
            _refuse_repeated(findings, child)


def _fields(findings: Findings, server: Element) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "host": as_typed(
            _attribute(findings, "host", server, "host"), server.notes.get(TYPED_HOST)
        ),
        "security": _security(findings, server),
        "tls_protocols": _tls_protocols(server),
        "auth": _auth(findings, server),
        "x_mailer": _text(server, "x-mailer"),
        "debug": _flag(findings, ("debug",), _text(server, "debug")),
        PROPERTIES: _properties(findings, server),
    }
    port = _attribute(findings, "port", server, "port").strip()
    if port:
        fields["port"] = _integer(findings, "port", port, "port_invalid")
    for name, element in (
        ("connection_timeout_ms", "connection-timeout"),
        ("timeout_ms", "timeout"),
    ):
        text = _text(server, element)
        if text:
            milliseconds = _integer(findings, name, text, "wrong_type")
            fields[name] = None if milliseconds in (-1, 0) else milliseconds
    return fields


def _security(findings: Findings, server: Element) -> str:
    smtps = server.child("smtps")
    if smtps is None:
        return "none"
    enable, starttls = (
        _flag(findings, ("security",), _attribute(findings, "security", smtps, name))
        for name in ("enable", "starttls")
    )
    if starttls and not enable:
        findings.warn("starttls_not_enabled")
        return "none"
    if not enable:
        return "none"
    return "starttls" if starttls else "implicit_tls"


def _tls_protocols(server: Element) -> list[str]:
    smtps = server.child("smtps")
    protocols = smtps.child("protocols") if smtps else None
    named = protocols.children if protocols else []
    return [one.text.strip() for one in named if one.name == "protocol" and one.text.strip()]


def _auth(findings: Findings, server: Element) -> dict[str, Any]:
    auth = server.child("auth")
    if auth is None:
        return {}
    provider_id = _text(auth, "system-oauth-provider-id")
    fields: dict[str, Any] = {
        "method": "none",
        "user": _text(auth, "user"),
        "provider_id": provider_id,
    }
    enable = _attribute(findings, "auth", auth, "enable")
    if _flag(findings, ("auth", "method"), enable):
        fields["method"] = "access_token" if provider_id else "password"
    password = auth.child("password")
    if password is not None and (password.text.strip() or (password.is_exact and password.text)):
        if fields["method"] == "password":
            fields["password"] = Secret(password.text)  # blanks around a password belong to it
        else:
            findings.warn("password_dropped")
    return fields


def _properties(findings: Findings, server: Element) -> dict[str, str | Secret]:
    given = server.child("session-properties")
    properties: dict[str, str | Secret] = {}
    for one in given.children if given else []:
        if one.name != "session-property":
            continue
        name, value = (_attribute(findings, PROPERTIES, one, part) for part in ("name", "value"))
        name = name.strip()
        if not name:
            findings.refuse((PROPERTIES,), "property_name_invalid")
        elif name in properties:
            findings.refuse((PROPERTIES, name), "property_repeated", line=one.line)
        elif not is_secret_name(name):
            properties[name] = value
        elif value:
            properties[name] = Secret(value)
    return properties


def _text(parent: Element, name: str) -> str | None:
    """Return the text of a child, without the blanks around it if they may be mere layout."""
    child = parent.child(name)
    if child is None:
        return None
    return (child.text if child.is_exact else child.text.strip()) or None


def _attribute(findings: Findings, field: str, element: Element, name: str) -> str:
    """Return an attribute, empty where it is not there; a child of that name is a mistake.

    The child's text is returned then, so that the item can be told by its ID.
    """
    misplaced = element.child(name)
    if misplaced is None:
        return element.attributes.get(name, "")
    findings.refuse(
        (field,),
        "attribute_expected",
        attribute=name,
        element=element.name,
        line=misplaced.line,
    )
    return misplaced.text.strip()


def _flag(findings: Findings, path: Path, text: str | None) -> bool:
    flag = _FLAGS.get((text or "").strip().lower())
    if flag is None:
        findings.refuse(path, "wrong_type", expected="boolean")
    return bool(flag)


def _integer(findings: Findings, field: str, text: str, code: str) -> int | None:
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS:
        return int(text)
    findings.refuse((field,), code, value=text[:100], expected="integer")
    return None
