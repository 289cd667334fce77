"""What stands in the form of an OAuth provider, and the document that it means.

What is left empty is not sent, so that a preset fills it in. Secrets stand apart: no page sends
them back, an empty field keeps what is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from services.config_api.domain.provider_fields import SECRETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

_TEXTS: Final = (
    "name",
    "directory",
    "token_url",
    "authorize_url",
    "client_id",
    "key_id",
    "subject",
    "audience",
)
_LISTS: Final = ("scopes", "mail_hosts")
_FIELDS: Final = ("id", "preset", "grant", *_TEXTS, *_LISTS, "extra")


@dataclass(frozen=True, kw_only=True, slots=True)
class TypedProvider:
    """What stands in the form: `texts` by field, lists one a line, `extra` as `name=value`."""

    texts: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    removed: frozenset[str] = frozenset()


def new_provider(preset: str, grant: str) -> TypedProvider:
    """Return the form of a provider that is to be registered."""
    return TypedProvider(texts=dict.fromkeys(_FIELDS, "") | {"preset": preset, "grant": grant})


def provider_form(document: Mapping[str, Any]) -> TypedProvider:
    """Return the form of a provider's document."""
    texts = {name: document.get(name) or "" for name in ("id", "preset", "grant", *_TEXTS)}
    texts |= {name: "\n".join(document[name]) for name in _LISTS}
    texts["extra"] = "\n".join(f"{name}={value}" for name, value in document["extra"].items())
    return TypedProvider(texts=texts)


def typed_provider(sent: MultiDict[str, str]) -> TypedProvider:
    """Return the form as a browser sent it."""
    return TypedProvider(
        texts={name: sent.get(name, "").replace("\r\n", "\n").strip() for name in _FIELDS},
        secrets={name: sent.get(name, "").replace("\r\n", "\n") for name in SECRETS},
        removed=frozenset(name for name in SECRETS if f"remove.{name}" in sent),
    )


def provider_document(typed: TypedProvider, *, with_hosts: bool) -> dict[str, Any]:
    """Return the document that the form means; `mail_hosts` only from those who may choose them."""
    texts = typed.texts
    document: dict[str, Any] = {
        name: texts[name] for name in ("preset", "grant", *_TEXTS) if texts[name]
    }
    document |= {name: texts[name].split() for name in _LISTS if texts[name]}
    if texts["extra"]:
        document["extra"] = dict(map(_parameter, texts["extra"].splitlines()))
    if not with_hosts:
        document.pop("mail_hosts", None)
    document |= {name: secret for name, secret in typed.secrets.items() if secret.strip()}
    return document | dict.fromkeys(typed.removed - document.keys())


def _parameter(line: str) -> tuple[str, str]:
    name, _equals, value = line.partition("=")
    return name.strip(), value.strip()
