"""What `settings diff` and `settings apply` print of a plan, setting by setting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from services.config_api.cli.changes import diff_lines
from services.config_api.cli.language import N_, tr
from services.config_api.cli.output import plain
from services.config_api.cli.plan_shown import PlanJson, problem_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO

    from services.config_api.cli.output import Output

#: kubectl's words for what became of a setting.
OUTCOMES: Final = {
    "create": N_("created"),
    "overwrite": N_("configured"),
    "unchanged": N_("unchanged"),
    "skip": N_("skipped"),
    "invalid": N_("invalid"),
}
_COLOURS: Final = {"-": "red", "+": "green"}


class Diff:
    """Prints each setting that differs as a unified diff; problems go to stderr."""

    def __init__(self, output: Output, file: str) -> None:
        self._output = output
        self._file = file

    def item(self, item: Mapping[str, Any]) -> None:
        """Print the differences of one setting."""
        tell_problems(self._output, item)
        if item["action"] not in ("create", "overwrite"):
            return
        name = _name(item)
        stored = "/dev/null" if item["action"] == "create" else name
        self._output.coloured_line(f"--- {stored}", "red")
        self._output.coloured_line(f"+++ {name}\t{plain(self._file)}", "green")
        for change in item["changes"]:
            for line in diff_lines(change):
                self._output.coloured_line(line, _COLOURS.get(line[0]))

    def end(self, facts: Mapping[str, Any]) -> None:
        """Print what the file holds and the product has no field for."""
        tell_ignored(self._output, facts)


class Applied:
    """Prints a line a setting: `smtp-setting/acme configured`."""

    def __init__(self, output: Output, file: IO[str], *, dry_run: bool = False) -> None:
        self._output = output
        self._file = file
        self._mark = " " + tr("(dry run)") if dry_run else ""

    def item(self, item: Mapping[str, Any]) -> None:
        """Print one setting; what is wrong with it goes to stderr."""
        tell_problems(self._output, item)
        self._file.write(f"{_name(item)} {tr(OUTCOMES[item['action']])}{self._mark}\n")

    def end(self, facts: Mapping[str, Any]) -> None:
        """Print what the file holds and the product has no field for."""
        tell_ignored(self._output, facts)


class Planned:
    """Keeps what a plan would print until it is known whether it is all that happens."""

    def __init__(self, output: Output, spool: IO[str], *, dry_run: bool) -> None:
        self._output = output
        self._kept = PlanJson(spool) if output.as_json else Applied(output, spool, dry_run=dry_run)

    def item(self, item: Mapping[str, Any]) -> None:
        """Keep one setting; what is wrong with it is told at once."""
        if self._output.as_json:
            tell_problems(self._output, item)
        self._kept.item(item)

    def end(self, facts: Mapping[str, Any]) -> None:
        """Keep the rest."""
        self._kept.end(facts)


def tell_problems(output: Output, item: Mapping[str, Any]) -> None:
    """Say what is wrong with a setting, a line a field, and what to know about it."""
    for line in problem_lines(item):
        output.note(f"{_name(item)} {plain(line)}")


def tell_ignored(output: Output, facts: Mapping[str, Any]) -> None:
    """Say what the file holds and the product has no field for."""
    if facts["ignored"]:
        output.note(tr("Not taken over: {names}", names=", ".join(facts["ignored"])))


def _name(item: Mapping[str, Any]) -> str:
    return f"smtp-setting/{plain(item['id'])}"
