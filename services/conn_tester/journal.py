"""The dialogue as people may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from events.connection_test import Line
from services.conn_tester.reply import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.scrub import Scrub

_MAXIMUM_LINES = 300


class Journal:
    """Keeps at most 300 lines; `elapsed_ms` tells the time since the attempt began.

    `on_line` is told each line that is kept.
    """

    def __init__(
        self,
        *,
        elapsed_ms: Callable[[], float],
        scrub: Scrub,
        on_line: Callable[[Line], None] | None = None,
    ) -> None:
        self._elapsed_ms = elapsed_ms
        self._on_line = on_line
        self._lines: list[Line] = []
        self.scrub = scrub

    @property
    def lines(self) -> tuple[Line, ...]:
        """What was said so far."""
        return tuple(self._lines)

    def client(self, text: str) -> None:
        """Note what the tester said; secrets are replaced by the caller."""
        self._note("client", text)

    def server(self, text: str) -> None:
        """Note what the server said, scrubbed already."""
        self._note("server", text)

    def _note(self, sender: Literal["client", "server"], text: str) -> None:
        if len(self._lines) < _MAXIMUM_LINES:
            line = Line(sender=sender, text=shown(text), at_ms=self._elapsed_ms())
            self._lines.append(line)
            if self._on_line is not None:
                self._on_line(line)
