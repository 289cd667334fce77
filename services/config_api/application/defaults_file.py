"""The deployment's defaults file: read and checked as a whole before anything is made of it."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from services.config_api.domain.errors import InvalidSetting
from services.config_api.domain.field_errors import FieldError, describe
from services.config_api.domain.setting_fields import SettingDraft, make_draft
from services.config_api.domain.setting_id import is_setting_id
from services.config_api.formats.port import Format, MalformedFile, ReadItem


@dataclass(frozen=True, kw_only=True, slots=True)
class DefaultsProblem:
    """What is wrong with one setting of the file; `place` counts its settings from 1."""

    place: int
    setting_id: str
    error: FieldError

    def told(self, language: str) -> str:
        """Return which setting, which field, and a sentence (`en` or `ja`)."""
        which = self.setting_id or f"#{self.place}"
        return f"{which} {self.error.pointer or '/'}: {describe(self.error, language)}"


class InvalidDefaults(Exception):
    """The defaults file cannot be used; `malformed` where it cannot even be read."""

    def __init__(
        self,
        path: Path,
        problems: tuple[DefaultsProblem, ...] = (),
        malformed: MalformedFile | OSError | None = None,
    ) -> None:
        self.path = path
        self.problems = problems
        self.malformed = malformed
        super().__init__(f"{path}: {'; '.join(self.told('en'))}")

    def told(self, language: str) -> list[str]:
        """Return every problem as a line of its own (`en` or `ja`)."""
        lines = [problem.told(language) for problem in self.problems]
        if isinstance(self.malformed, MalformedFile):
            lines.append(self.malformed.told(language))
        elif self.malformed is not None:
            lines.append(self.malformed.strerror or str(self.malformed))
        return lines


def read_defaults(
    path: Path, file_format: Format, *, known_providers: Container[str] = ()
) -> Mapping[str, SettingDraft]:
    """Return the drafts of a defaults file by ID, with the warnings of the file's format too.

    Raises InvalidDefaults with every problem.
    """
    drafts: dict[str, SettingDraft] = {}
    seen: set[str] = set()
    problems: list[DefaultsProblem] = []
    malformed: MalformedFile | OSError | None = None
    try:
        with path.open("rb") as stream:
            for place, item in enumerate(file_format.read(stream), start=1):
                draft, errors = _read_item(item, seen, known_providers)
                seen.add(item.setting_id)
                problems += [
                    DefaultsProblem(place=place, setting_id=item.setting_id, error=error)
                    for error in errors
                ]
                if draft is not None:
                    warnings = (*item.warnings, *draft.warnings)
                    drafts[item.setting_id] = replace(draft, warnings=warnings)
    except (MalformedFile, OSError) as error:
        malformed = error
    if problems or malformed:
        raise InvalidDefaults(path, tuple(problems), malformed)
    return drafts


def _read_item(
    item: ReadItem, before: Collection[str], known_providers: Container[str]
) -> tuple[SettingDraft | None, tuple[FieldError, ...]]:
    errors = (*_id_errors(item, before), *item.errors)
    if item.fields is None:
        return None, errors
    try:
        draft = make_draft(item.fields, known_providers=known_providers)
    except InvalidSetting as invalid:
        return None, (*errors, *invalid.errors)
    return (None if errors else draft), errors


def _id_errors(item: ReadItem, before: Collection[str]) -> tuple[FieldError, ...]:
    if item.setting_id and item.setting_id in before:
        return (FieldError(pointer="/id", code="id_repeated"),)
    told = any(error.pointer == "/id" for error in item.errors)
    if not told and not is_setting_id(item.setting_id):
        return (FieldError(pointer="/id", code="id_invalid"),)
    return ()
