"""Somebody else saved first: what they have, what I have, and a choice for each field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from services.config_api.application.loading import load_setting
from services.config_api.domain.differences import differences
from services.config_api.http.current import relaybook
from services.config_api.read_model.documents import instant
from services.config_api.web.setting_form import Property, Typed, form_of, with_property
from services.config_api.web.words import field_name, value_word

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from services.config_api.domain.setting import SettingState
    from services.config_api.domain.setting_fields import SettingDraft

CHOICE: Final = "choice:"
THEIRS: Final = "theirs"
MINE: Final = "mine"
_PROPERTIES: Final = "/session_properties/"
#: What follows from other fields, or is never shown.
_WITHOUT_CHOICE: Final = frozenset({"/secret", "/host_unicode"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One field that differs; `chosen` is the side that alone changed it, else mine."""

    pointer: str
    name: str
    theirs: str
    mine: str
    chosen: str
    both: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """What the setting became meanwhile, by whom and when, and the fields to choose for."""

    version: int
    by: str | None
    at: str | None
    rows: tuple[Row, ...]


def conflict_of(state: SettingState, draft: SettingDraft, base_version: int) -> Conflict:
    """Return what differs between the setting in force and a draft that began at a version."""
    base = load_setting(relaybook().store, state.setting_id, upto_version=base_version).values
    theirs = {one["path"]: one["after"] for one in differences(base, state.values)}
    mine = {one["path"]: one["after"] for one in differences(base, draft.values)}
    rows = [
        _row(one["path"], one["before"], one["after"], both=one["path"] in theirs.keys() & mine)
        for one in differences(state.values, draft.values)
        if _has_choice(one["path"])
    ]
    return Conflict(
        version=state.version,
        by=state.updated_by,
        at=instant(state.updated_at),
        rows=tuple(replace(row, chosen=MINE if row.pointer in mine else THEIRS) for row in rows),
    )


def _row(pointer: str, theirs: object, mine: object, *, both: bool) -> Row:
    return Row(
        pointer=pointer,
        name=field_name(pointer),
        theirs=value_word(theirs, pointer),
        mine=value_word(mine, pointer),
        chosen=MINE,
        both=both,
    )


def _has_choice(pointer: str) -> bool:
    return pointer not in _WITHOUT_CHOICE and not pointer.lower().endswith("password")


def resolved(typed: Typed, document: Mapping[str, Any], theirs: Collection[str]) -> Typed:
    """Return the form with their values in the fields that were left to them."""
    other = form_of(document)
    values = {row.name: row.value for row in other.properties}
    texts = dict(typed.texts)
    for pointer in theirs:
        if pointer.startswith(_PROPERTIES):
            name = Property(name=pointer.removeprefix(_PROPERTIES)).name
            typed = with_property(typed, name, values.get(name))
        elif pointer == "/tls_protocols":
            typed = replace(typed, tls_protocols=other.tls_protocols)
        elif pointer == "/debug":
            typed = replace(typed, debug=other.debug)
        else:
            field = pointer.strip("/").replace("/", ".")
            texts[field] = other.texts.get(field, "")
    return replace(typed, texts=texts)
