"""A plan for people and for programs; however long it is, memory holds little of it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from services.config_api.cli.changes import assigned, change_words
from services.config_api.cli.language import N_, tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO

    from services.config_api.cli.output import Output
    from services.config_api.cli.plan_request import PlanPrinter

ACTIONS: Final = {
    "create": N_("create"),
    "overwrite": N_("overwrite"),
    "unchanged": N_("unchanged"),
    "skip": N_("skip"),
    "invalid": N_("invalid"),
}
#: What a person reads on a terminal.
MOST_SHOWN: Final = 100


def plan_printer(output: Output) -> PlanPrinter:
    """Return what prints a plan there."""
    return PlanJson(sys.stdout) if output.as_json else PlanTable(output)


class PlanJson:
    """Writes the whole plan as one JSON document, item by item."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._before = '{"items": ['
        self._end = "\n" if file.isatty() else ""

    def item(self, item: Mapping[str, Any]) -> None:
        """Write one item."""
        self._file.write(f"{self._before}{self._end}{_json(item)}")
        self._before = ", "

    def end(self, facts: Mapping[str, Any]) -> None:
        """Write the rest and close the document."""
        opening = "" if self._before == ", " else self._before
        others = "".join(f", {_json(name)}: {_json(value)}" for name, value in facts.items())
        self._file.write(f"{opening}{self._end}]{others}}}\n")


class PlanTable:
    """Prints what differs and what is wrong, and counts the rest.

    On a terminal the first hundred settings are shown; elsewhere every row, as it comes.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._head = (tr("ID"), tr("Action"), tr("Details"))
        self._rows: list[Sequence[str]] = []
        self._items = 0

    def item(self, item: Mapping[str, Any]) -> None:
        """Print or keep the rows of an item; one without a change or a warning is counted."""
        if item["action"] in ("unchanged", "skip") and not item.get("warnings"):
            return
        self._items += 1
        if not self._output.on_terminal:
            if self._items == 1:
                self._output.head(self._head)
            for row in plan_rows(item):
                self._output.row(row)
        elif self._items <= MOST_SHOWN:
            self._rows += plan_rows(item)

    def end(self, facts: Mapping[str, Any]) -> None:
        """Print what was kept, then the counts."""
        if self._rows:
            self._output.table(self._head, self._rows)
        if self._output.on_terminal and self._items > MOST_SHOWN:
            hidden = self._items - MOST_SHOWN
            self._output.note(tr("… and {count} more; --json prints all.", count=f"{hidden:,}"))
        if facts["ignored"]:
            self._output.note(tr("Not taken over: {names}", names=", ".join(facts["ignored"])))
        words = tr("Nothing was changed yet: {counts}", counts=counts_words(facts["counts"]))
        if not facts["dry_run"] and not facts["counts"]["invalid"]:
            words = tr("Done: {counts}", counts=counts_words(facts["counts"]))
        self._output.note(words)


def counts_words(counts: Mapping[str, int]) -> str:
    """Return how many settings have each action, in one line."""
    return ", ".join(f"{tr(ACTIONS[name])} {count:,}" for name, count in counts.items())


def plan_rows(item: Mapping[str, Any]) -> Sequence[tuple[str, str, str]]:
    """Return the rows of one setting: a row a changed field, problem or warning.

    A new setting has all its fields in one row.
    """
    changes = item.get("changes", ())
    if item["action"] == "create":
        details = [", ".join(assigned(changes))]
    else:
        details = [change_words(one) for one in changes]
    details += problem_lines(item)
    details += [tr("Warning: {words}", words=_words(one)) for one in item.get("warnings", ())]
    action = ACTIONS[item["action"]]
    return [(item["id"], tr(action), detail) for detail in details or [""]]


def problem_lines(item: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a setting, a line a field."""
    return [f"{one['pointer']}: {one['detail']}" for one in item.get("problems", ())]


def _words(warning: Mapping[str, Any]) -> str:
    return str(warning["detail"] or warning["code"])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
