"""What stands in the fields of the form of a setting, and the document that it means.

Fields hold texts, whether these make sense or not: judging them is for the rules that the API has.
Secrets stand apart, so that no page can send them back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from events.smtp_setting import PASSWORD
from services.config_api.domain.session_properties import is_secret_name
from services.config_api.domain.setting_fields import DEFAULT_TIMEOUT_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from werkzeug.datastructures import MultiDict

_TEXTS: Final = ("host", "port", "security", "ca_pem", "x_mailer")
_TIMEOUTS: Final = ("connection_timeout_ms", "timeout_ms")
_AUTH: Final = ("method", "user", "mechanism", "provider_id")
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Property:
    """One row of the session properties; `secret` is what was typed for one that holds a secret."""

    name: str = ""
    value: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """What stands in the form: `texts` by field, those of `auth` as `auth.user`."""

    id: str = ""
    texts: Mapping[str, str]
    tls_protocols: tuple[str, ...] = ()
    debug: bool = False
    properties: tuple[Property, ...] = ()
    password: str = field(default="", repr=False)
    removes_password: bool = False


def new_form() -> Typed:
    """Return the form of a setting that is to be registered."""
    texts = dict.fromkeys((*_TEXTS, *(f"auth.{name}" for name in _AUTH)), "")
    timeouts = dict.fromkeys(_TIMEOUTS, str(DEFAULT_TIMEOUT_MS))
    return Typed(texts={**texts, "security": "starttls", "auth.method": "password", **timeouts})


def form_of(document: Mapping[str, Any], secret_names: Iterable[str] = ()) -> Typed:
    """Return the form of a setting's document; `secret_names` are its secret session properties."""
    auth, plain = document["auth"], document["session_properties"]
    texts = {name: _text(document[name]) for name in (*_TEXTS, *_TIMEOUTS)}
    texts["host"] = _text(document.get("host_unicode") or document["host"])
    texts |= {f"auth.{name}": _text(auth.get(name)) for name in _AUTH}
    rows = {**plain, **dict.fromkeys(secret_names, "")}
    return Typed(
        id=_text(document.get("id")),
        texts=texts,
        tls_protocols=tuple(document["tls_protocols"]),
        debug=document["debug"],
        properties=tuple(Property(name=name, value=rows[name]) for name in sorted(rows)),
    )


def typed_form(sent: MultiDict[str, str]) -> Typed:
    """Return the form as a browser sent it; lines end as they do everywhere else."""
    names = (*_TEXTS, *_TIMEOUTS, *(f"auth.{name}" for name in _AUTH))
    rows = zip(sent.getlist("property.name"), sent.getlist("property.value"), strict=False)
    return Typed(
        id=sent.get("id", "").strip(),
        texts={name: sent.get(name, "").replace("\r\n", "\n") for name in names},
        tls_protocols=tuple(sent.getlist("tls_protocols")),
        debug="debug" in sent,
        properties=tuple(_typed_property(name.strip(), value) for name, value in rows),
        password=sent.get(f"auth.{PASSWORD}", ""),
        removes_password="auth.remove_password" in sent,
    )


def document_of(typed: Typed, stored_secrets: Iterable[str] = ()) -> dict[str, Any]:
    """Return the document that the form means, as the API would be sent it.

    A field for a secret that was left empty keeps what is stored; a row of `stored_secrets` that
    is gone removes it. A number that is none stays a text, for the rules to refuse.
    """
    texts = typed.texts
    document: dict[str, Any] = {
        "host": texts["host"],
        "security": texts["security"] or "starttls",
        "tls_protocols": list(typed.tls_protocols),
        "ca_pem": texts["ca_pem"] if texts["ca_pem"].strip() else None,
        "auth": _auth(typed),
        "x_mailer": texts["x_mailer"] or None,
        "debug": typed.debug,
        "session_properties": _properties(typed, stored_secrets),
    }
    if texts["port"].strip():
        document["port"] = _number(texts["port"])
    for name in _TIMEOUTS:
        document[name] = _number(texts[name]) if texts[name].strip() else None
    return document


def repeated_properties(typed: Typed) -> list[str]:
    """Return the names that stand in more than one row."""
    names = [row.name for row in typed.properties if row.name]
    return sorted({name for name in names if names.count(name) > 1})


def changed_form(typed: Typed, patch: Mapping[str, Any]) -> Typed:
    """Return the form after a suggested change, a merge patch of the setting."""
    texts = dict(typed.texts)
    for name, value in patch.items():
        if name in (*_TEXTS, *_TIMEOUTS):
            texts[name] = _text(value)
    auth = patch.get("auth") or {}
    texts |= {f"auth.{name}": _text(auth[name]) for name in _AUTH if name in auth}
    protocols = patch.get("tls_protocols", typed.tls_protocols)
    changed = replace(typed, texts=texts, tls_protocols=tuple(protocols or ()))
    changed = replace(changed, id=_text(patch.get("id", typed.id)))
    for name, value in (patch.get("session_properties") or {}).items():
        changed = with_property(changed, name, value)
    return changed


def with_property(typed: Typed, name: str, value: str | None) -> Typed:
    """Return the form with another value of one session property, None to take it out."""
    others = tuple(row for row in typed.properties if row.name != name)
    own = () if value is None else (Property(name=name, value=_text(value)),)
    return replace(typed, properties=(*others, *own))


def _typed_property(name: str, value: str) -> Property:
    if is_secret_name(name):
        return Property(name=name, secret=value)
    return Property(name=name, value=value)


def _auth(typed: Typed) -> dict[str, Any]:
    """Return who signs in; what the method has no use for is not shown, so it is not sent."""
    given: dict[str, Any] = {name: typed.texts[f"auth.{name}"] or None for name in _AUTH}
    given["method"] = given["method"] or "none"
    if given["method"] != "access_token":
        given["provider_id"] = None
    if given["method"] == PASSWORD and (typed.password or typed.removes_password):
        given[PASSWORD] = typed.password or None
    return given


def _properties(typed: Typed, stored_secrets: Iterable[str]) -> dict[str, str | None]:
    meant: dict[str, str | None] = dict.fromkeys(stored_secrets)
    for row in typed.properties:
        if is_secret_name(row.name):
            if row.secret:
                meant[row.name] = row.secret
            elif row.name in meant:
                del meant[row.name]
        elif row.name or row.value:
            meant[row.name] = row.value
    return meant


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _number(text: str) -> int | str:
    return int(text) if _NUMBER.fullmatch(text.strip()) else text
