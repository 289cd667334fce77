"""Follows a running connection test and shows its steps as they come."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from time import sleep
from typing import TYPE_CHECKING, Any, Final, cast

from services.config_api.cli.failures import NotReachable
from services.config_api.cli.steps import Step, step_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.config_api.cli.client import Client
    from services.config_api.cli.output import Output
    from services.config_api.cli.sse import ServerSentEvent

#: Takes all steps so far, in the order in which they came.
Draw = Callable[[Sequence[Step]], None]
_AGAIN_S: Final = 1.0


def follow(client: Client, path: str, draw: Draw) -> dict[str, Any]:
    """Return a test once it has ended; its steps are drawn as they happen.

    Where the stream breaks, or the service has no place for one more, the test is asked for its
    state each second.
    """
    steps: dict[str, Step] = {}
    while True:
        try:
            with client.stream(f"{path}/stream") as events:
                ended = _ended(events, steps, draw)
        except NotReachable:
            ended = None
        if ended is None:
            document = client.get(path).document
            ended = document if document["state"] == "completed" else None
        if ended is not None:
            return ended
        sleep(_AGAIN_S)


def _ended(
    events: Iterator[ServerSentEvent], steps: dict[str, Step], draw: Draw
) -> dict[str, Any] | None:
    for one in events:
        if one.event == "completed":
            return cast("dict[str, Any]", json.loads(one.data))
        if one.event == "step":
            step = json.loads(one.data)
            steps[step["name"]] = step
            draw([each for each in steps.values() if each["state"] != "skipped"])
    return None


@contextmanager
def shown_steps(output: Output) -> Iterator[Draw]:
    """Give the way to draw steps: live on a terminal, a line each elsewhere, not at all in JSON."""
    if output.as_json:
        yield lambda _steps: None
    elif output.on_terminal:
        from services.config_api.cli.drawing import live_steps  # noqa: PLC0415 -- rich loads slowly

        with live_steps() as draw:
            yield draw
    else:
        yield _Lines(output).draw


class _Lines:
    """Prints each step once, when it is known."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._printed: set[str] = set()

    def draw(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if step["name"] not in self._printed:
                self._printed.add(step["name"])
                self._output.line(step_line(step))
