"""Spans: what took how long on behalf of what. Without a recorder they are places alone.

Their attributes never hold secrets or personal data: names of routes, queues, codes and hosts.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal, Protocol

from events.tracing.place import Place, at_place, begun, current

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Kind = Literal["server", "client", "producer", "consumer", "internal"]
Attribute = str | int | float | bool
_NOTHING: Final[dict[str, Attribute]] = {}
_FROM_OUTSIDE: Final = frozenset({"server", "consumer"})


class Span(Protocol):
    """Something that began and will end once."""

    @property
    def place(self) -> Place | None:
        """Where what it leads to belongs."""
        ...

    def note(self, name: str, value: Attribute) -> None:
        """Add an attribute."""
        ...

    def fail(self, kind: str) -> None:
        """Say that it failed: a code or the name of an error, never its words."""
        ...

    def end(self) -> None:
        """End it now; a second time is none."""
        ...


class Recorder(Protocol):
    """Whoever wants to know of spans."""

    def begin(
        self, name: str, *, kind: Kind, parent: Place | None, attributes: Mapping[str, Attribute]
    ) -> Span:
        """Begin a span in the parent's trace, or a trace."""
        ...


class _Unrecorded:
    """A span that nobody wants to know of."""

    __slots__ = ("place",)

    def __init__(self, place: Place | None) -> None:
        self.place = place

    def note(self, name: str, value: Attribute) -> None:
        pass

    def fail(self, kind: str) -> None:
        pass

    def end(self) -> None:
        pass


class _Wanted:
    """The process's one recorder, None as long as nobody records."""

    recorder: Recorder | None = None


def record_with(recorder: Recorder | None) -> None:
    """Let a recorder know of every span of this process from now on; None is nobody."""
    _Wanted.recorder = recorder


def recording() -> bool:
    """Tell whether somebody wants to know of spans."""
    return _Wanted.recorder is not None


def begin(
    name: str,
    *,
    kind: Kind = "internal",
    parent: Place | None = None,
    attributes: Mapping[str, Attribute] = _NOTHING,
) -> Span:
    """Begin a span; without a parent it belongs to what is done now, unless it came from outside.

    One of the kind `server` has a place of its own also where nobody records: it is what events and
    log lines name. The others stand at their parent's then.
    """
    if parent is None and kind not in _FROM_OUTSIDE:
        parent = current()
    if _Wanted.recorder is not None:
        return _Wanted.recorder.begin(name, kind=kind, parent=parent, attributes=attributes)
    return _Unrecorded(begun(parent) if kind == "server" else parent)


@contextmanager
def span(
    name: str,
    *,
    kind: Kind = "internal",
    parent: Place | None = None,
    attributes: Mapping[str, Attribute] = _NOTHING,
) -> Iterator[Span]:
    """Work within a span; what escapes the block fails it."""
    begun_span = begin(name, kind=kind, parent=parent, attributes=attributes)
    if begun_span.place is current():  # nobody records: a microsecond saved in every command
        yield begun_span
        return
    try:
        with at_place(begun_span.place):
            yield begun_span
    except BaseException as error:
        begun_span.fail(type(error).__name__)
        raise
    finally:
        begun_span.end()
