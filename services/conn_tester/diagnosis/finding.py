"""A conclusion on its way from the step that saw the evidence to the result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from events.connection_test import StepName
    from services.conn_tester.reply import ServerReply


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A code of the catalogue with the facts for its sentences.

    `fix` is the change of the setting that would help. `step` is given only where another step
    than the present one is decided.
    """

    code: str
    facts: dict[str, Any] = field(default_factory=dict)
    fix: dict[str, Any] | None = None
    reply: ServerReply | None = None
    step: StepName | None = None


class Concluded(Exception):
    """Ends a test before everything asked for was seen to work."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def conclude(code: str, **facts: Any) -> Concluded:  # noqa: ANN401 -- facts are JSON values
    """Return a conclusion that needs neither fix nor reply, to be raised."""
    return Concluded(Finding(code=code, facts=facts))
