"""Title and hint of a conclusion or warning, in a language and with the values seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from events.diagnosis.texts import en, ja
from events.diagnosis.texts.text import Text, Texts

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIELDS: dict[str, dict[str, str]] = {
    "en": {},
    "ja": {"user": "ユーザー名", "password": "パスワード"},
}
LANGUAGES: dict[str, tuple[Texts, Texts]] = {
    "en": (en.CONCLUSIONS, en.WARNINGS),
    "ja": (ja.CONCLUSIONS, ja.WARNINGS),
}
"""Sentences by language: those of conclusions, those of warnings; code → (title, hint)."""

EVIDENCE_TEXTS: dict[str, dict[str, str]] = {"en": en.EVIDENCE, "ja": ja.EVIDENCE}
"""Sentences of evidence by language and code."""

_UNKNOWN = {
    "en": Text("The test ended with {code}", "This version has no description of {code}."),
    "ja": Text(
        "テストは {code} で終了しました",
        "このバージョンには {code} の説明がありません。",
    ),
}
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]")
_NAME = re.compile(r"\{([a-z_0-9]+)\}")
_NOT_KNOWN = "—"


def render(code: str, facts: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Return (title, hint) of a conclusion; English where the language is not known.

    A fact that is missing shows as a dash, and a part that only stands for it is left out; a code
    of a newer version gets a general sentence. Never raises.
    """
    return _render(code, facts, language, kind=0)


def render_warning(code: str, facts: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Return (title, hint) of a warning, under the same rules as `render`."""
    return _render(code, facts, language, kind=1)


def render_evidence(code: str, facts: Mapping[str, Any], language: str) -> str:
    """Return the sentence of a piece of evidence, under the same rules as `render`."""
    spoken = language if language in EVIDENCE_TEXTS else "en"
    template = EVIDENCE_TEXTS[spoken].get(code, _UNKNOWN[spoken].hint)
    return _fill(template, {"code": code, **facts})


def names_in(template: str) -> frozenset[str]:
    """Return the names of the facts that a template shows."""
    return frozenset(_NAME.findall(template))


def required_names_in(template: str) -> frozenset[str]:
    """Return the names of the facts that a template cannot do without."""
    return names_in(_OPTIONAL.sub("", template))


def _render(code: str, facts: Mapping[str, Any], language: str, *, kind: int) -> tuple[str, str]:
    spoken = language if language in LANGUAGES else "en"
    title, hint = LANGUAGES[spoken][kind].get(code, _UNKNOWN[spoken])
    values = {"code": code, **facts}
    if isinstance(field := values.get("field"), str):
        values["field"] = _FIELDS[spoken].get(field, field)
    return _fill(title, values), _fill(hint, values)


def _fill(template: str, facts: Mapping[str, Any]) -> str:
    def optional(part: re.Match[str]) -> str:
        shown = all(_is_known(facts.get(name)) for name in names_in(part[1]))
        return part[1] if shown else ""

    def value(name: re.Match[str]) -> str:
        return _shown(facts.get(name[1]))

    return _NAME.sub(value, _OPTIONAL.sub(optional, template))


def _is_known(value: object) -> bool:
    return value is not None and value not in ("", [], ())


def _shown(value: object) -> str:
    if not _is_known(value):
        return _NOT_KNOWN
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return str(value)
