"""What an import does, item by item (contract §8), in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from events.codec import json_text
from events.connection_test import Warned
from events.transfer import ImportMode
from services.config_api.application.context import Answer
from services.config_api.application.spool import Spool
from services.config_api.domain.differences import Change
from services.config_api.domain.field_errors import FieldError, describe, describe_warning
from services.config_api.formats.words import line_told

Action = Literal["create", "overwrite", "unchanged", "skip", "invalid"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedItem:
    """What becomes of one setting of a file; `changes_json` is the text of a list of changes.

    `line` is where it begins in the file.
    """

    id: str
    action: Action
    changes_json: str = "[]"
    problems: tuple[FieldError, ...] = ()
    warnings: tuple[Warned, ...] = ()
    line: int | None = None

    @property
    def changes(self) -> list[Change]:
        """The changed fields; secrets appear as their versions."""
        changes: list[Change] = json.loads(self.changes_json)
        return changes

    def document(self, language: str) -> dict[str, Any]:
        """Return it as it stands in a plan."""
        return {"id": self.id, "action": self.action, "changes": self.changes} | self._told(
            language
        )

    def text(self, language: str) -> str:
        """Return its document as JSON; its changes are JSON already."""
        head = json_text({"id": self.id, "action": self.action})[:-1]
        tail = json_text(self._told(language))[1:]
        return f'{head},"changes":{self.changes_json},{tail}'

    def _told(self, language: str) -> dict[str, Any]:
        return {
            "problems": [
                {"pointer": one.pointer, "code": one.code, "detail": self._detail(one, language)}
                for one in self.problems
            ],
            "warnings": [
                {"code": one.code, "detail": describe_warning(one, language)}
                for one in self.warnings
            ],
        }

    def _detail(self, problem: FieldError, language: str) -> str:
        """Return what is wrong with a field, and the line where a reader finds it."""
        line = problem.facts.get("line", self.line)
        return describe(problem, language) + line_told(line, language)


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportPlan:
    """What an import does or did, item by item in the order of the file.

    `counts` has every action. `ignored` are the names of elements that the product has no field
    for, each once.
    """

    import_id: str
    mode: ImportMode
    dry_run: bool
    counts: Mapping[str, int]
    items: Spool[PlannedItem]
    ignored: Sequence[str]

    def document(self, language: str, *, most: int) -> dict[str, Any]:
        """Return the plan as contract §8 has it, with its first `most` items.

        Sentences are in `language` (`en` or `ja`).
        """
        items = [item.document(language) for item in islice(self.items, most)]
        return self._head() | {"items": items, "ignored": list(self.ignored)}

    def texts(self, language: str) -> Iterator[str]:
        """Return the whole plan as JSON, piece by piece."""
        yield json_text(self._head())[:-1] + ',"items":['
        before = ""
        for item in self.items:
            yield before + item.text(language)
            before = ","
        yield f'],"ignored":{json_text(list(self.ignored))}}}'

    def _head(self) -> dict[str, Any]:
        return {
            "import_id": self.import_id,
            "mode": self.mode,
            "dry_run": self.dry_run,
            "counts": dict(self.counts),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportAnswer(Answer):
    """What an import answers: its plan, which is too large for a document."""

    plan: ImportPlan
