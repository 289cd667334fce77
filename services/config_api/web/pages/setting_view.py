"""What the page of a setting shows: its form, what is wrong with it, and what it leads to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flask import make_response, render_template

from events.smtp_setting import PASSWORD
from services.config_api.domain.auth_fields import MECHANISMS
from services.config_api.domain.effective import effective_properties
from services.config_api.domain.errors import InvalidSetting
from services.config_api.domain.field_errors import title_and_hint
from services.config_api.domain.jakarta_mail import OF_PROTOCOL, OF_SESSION, SMTP
from services.config_api.domain.session_properties import is_secret_name
from services.config_api.domain.setting_fields import DEFAULT_PORTS, SECURITIES, TLS_PROTOCOLS
from services.config_api.formats.document import read_draft
from services.config_api.http.current import relaybook
from services.config_api.read_model.documents import instant
from services.config_api.web.i18n import language
from services.config_api.web.i18n import translate as _
from services.config_api.web.setting_form import Typed, document_of
from services.config_api.web.words import depths, field_name, methods, securities

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Response

    from services.config_api.domain.setting import SettingState
    from services.config_api.domain.setting_fields import SettingDraft
    from services.config_api.web.pages.conflict import Conflict

_PROPERTIES: Final = "/session_properties/"
#: The names that the form completes.
_KNOWN_NAMES: Final = tuple(sorted([*OF_SESSION, *(SMTP + name for name in OF_PROTOCOL)]))


@dataclass(frozen=True, kw_only=True, slots=True)
class TestWish:
    """How far a test goes, and between whom."""

    __test__ = False

    depth: str = "auth"
    mail_from: str = ""
    rcpt_to: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """The form of a setting that is there (`state`) or is to be registered (None).

    `problem` is the document of a refusal, `test` what the panel of a connection test shows, `note`
    a sentence on what the page itself put into the form.
    """

    state: SettingState | None
    typed: Typed
    version: int | None = None
    problem: Mapping[str, Any] | None = None
    conflict: Conflict | None = None
    test: Mapping[str, Any] | None = None
    wish: TestWish = field(default_factory=TestWish)
    note: str | None = None

    @property
    def stored_secrets(self) -> frozenset[str]:
        """The fields of the stored setting that hold a secret."""
        values = self.state.values if self.state else None
        return frozenset(values.secrets) if values else frozenset()

    @property
    def stored_properties(self) -> frozenset[str]:
        """Those of them that are session properties."""
        return self.stored_secrets - {PASSWORD}

    @property
    def document(self) -> dict[str, Any]:
        """The document that the form means."""
        return document_of(self.typed, self.stored_properties)


def page(form: Form, status: int = 200) -> Response:
    """Return the page of a setting."""
    draft = drafted(form)
    errors = list((form.problem or {}).get("errors", ()))
    html = render_template(
        "setting.html",
        form=form,
        setting=_about(form.state),
        errors=_by_field(form.typed, errors),
        summary=[_summary(form.typed, one) for one in errors],
        warnings=[title_and_hint(one, language()) for one in draft.warnings] if draft else [],
        effective=effective_properties(draft.values) if draft else None,
        version=form.version or (form.state.version if form.state else None),
        **_choices(form),
    )
    return make_response(html, status)


def drafted(form: Form) -> SettingDraft | None:
    """Return the form as a draft, None while it breaks the rules."""
    known = relaybook().smtp_settings.known_providers()
    try:
        return read_draft(form.document, known_providers=known, at=relaybook().clock())
    except InvalidSetting:
        return None


def field_id(typed: Typed, pointer: str) -> str:
    """Return the id of the element that stands for the field at a JSON pointer."""
    if pointer.startswith(_PROPERTIES):
        own = pointer.removeprefix(_PROPERTIES).replace("~1", "/").replace("~0", "~")
        places = [place for place, row in enumerate(typed.properties) if row.name == own]
        return f"property-{places[-1]}" if places else "properties"
    parts = pointer.strip("/").split("/")
    if parts[0] == "auth":
        return ".".join(parts[:2])
    return "properties" if parts[0] == "session_properties" else parts[0]


def _by_field(
    typed: Typed, errors: Sequence[Mapping[str, Any]]
) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for error in errors:
        found.setdefault(field_id(typed, error["pointer"]), []).append(error)
    return found


def _summary(typed: Typed, error: Mapping[str, Any]) -> dict[str, str]:
    pointer = error["pointer"]
    return {
        "field": field_id(typed, pointer),
        "name": field_name(pointer),
        "detail": error["detail"],
    }


def _about(state: SettingState | None) -> dict[str, Any] | None:
    if state is None or state.values is None:
        return None
    return {
        "id": state.setting_id,
        "version": state.version,
        "updated_at": instant(state.updated_at),
        "updated_by": state.updated_by,
        "is_default": state.is_default,
        "secret": state.values.secret,
    }


def _choices(form: Form) -> dict[str, Any]:
    stored = relaybook().oauth.stored.ids()
    chosen = {form.typed.texts.get("auth.provider_id", "")} - {""}
    return {
        "securities": {name: securities()[name] for name in SECURITIES},
        "ports": DEFAULT_PORTS,
        "protocols": TLS_PROTOCOLS,
        "methods": methods(),
        "mechanisms": {"": _("Best one offered"), **{name: name for name in MECHANISMS}},
        "providers": {"": _("– choose –"), **{name: name for name in sorted(stored | chosen)}},
        "depths": depths(),
        "property_names": _KNOWN_NAMES,
        "is_secret_name": is_secret_name,
    }
