"""One wrong field of what was sent: where, a stable code, the facts, and the mending change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from events.diagnosis import CODES, render, render_warning
from services.config_api.domain.reasons import REASONS
from services.config_api.domain.words import ERRORS, WARNED, sentence

if TYPE_CHECKING:
    from events.connection_test import Warned

Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldError:
    """What is wrong with one field.

    `pointer` is a JSON pointer (RFC 6901). `code` is one of `events.diagnosis` where it has one,
    else a word of `domain.words`. `facts` fill its sentence and never hold a secret; a `reason`
    among them chooses a sentence of its own. `fix` is the change of the setting that would help,
    as a merge patch, or None.
    """

    pointer: str
    code: str
    facts: dict[str, Any] = field(default_factory=dict)
    fix: dict[str, Any] | None = None


def pointer_to(*steps: str | int) -> str:
    """Return the JSON pointer of these steps: `/session_properties/mail.smtp.port`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def change_at(path: Path, value: object) -> dict[str, Any]:
    """Return the merge patch that sets the field at a path of names to a value."""
    *parents, name = path
    change: dict[str, Any] = {str(name): value}
    for parent in reversed(parents):
        change = {str(parent): change}
    return change


def describe(error: FieldError, language: str) -> str:
    """Return the sentences for a field error in `language` (`en` or `ja`; others read English)."""
    reason = f"{error.code}.{error.facts.get('reason')}"
    if error.code in CODES:
        title, hint = render(error.code, error.facts, language)
        if reason in REASONS:
            hint = sentence(REASONS, reason, error.facts, language)
        return _joined((title, hint), language)
    if reason in REASONS:
        return sentence(REASONS, reason, error.facts, language)
    return sentence(ERRORS, error.code, error.facts, language)


def title_and_hint(warned: Warned, language: str) -> tuple[str, str]:
    """Return what to say of a warning in `language` (`en` or `ja`; others read English).

    Some codes of conclusions are warnings on the way to a test, such as `provider_unknown`.
    """
    if warned.code in WARNED:
        return sentence(WARNED, warned.code, warned.facts, language), ""
    known = render if warned.code in CODES else render_warning
    return known(warned.code, warned.facts, language)


def describe_warning(warned: Warned, language: str) -> str:
    """Return the sentences for a warning, as `title_and_hint`, in one."""
    if warned.code in WARNED:
        return sentence(WARNED, warned.code, warned.facts, language)
    return _joined(title_and_hint(warned, language), language)


def _joined(title_and_hint: tuple[str, str], language: str) -> str:
    title, hint = title_and_hint
    return f"{title}。{hint}" if language == "ja" else f"{title}. {hint}"
