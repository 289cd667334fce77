"""`relaybook events replay`: the settings as of a moment and what led there, from the events."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from services.config_api.application.history import Moment, changes_between
from services.config_api.application.replay import Replay
from services.config_api.cli.changes import change_words
from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.failures import WrongUsage
from services.config_api.cli.language import N_, tr
from services.config_api.cli.named import complete_id
from services.config_api.cli.opened import opened
from services.config_api.cli.output import plain
from services.config_api.http.schemas.parameters import instant_from, position_from
from services.config_api.read_model.documents import instant, setting_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from services.config_api.application.history import Version
    from services.config_api.application.replay import Replayed
    from services.config_api.bootstrap import Relaybook
    from services.config_api.cli.output import Output
    from services.config_api.cli.session import Session
    from services.config_api.domain.setting import SettingState


@click.command(
    "replay",
    cls=TeachingCommand,
    help=N_("Show the settings as of a moment, and what led there, from the events alone."),
    more=N_(
        "Works on the database of this host, without the read model. A moment is a position or an"
        " RFC 3339 instant. With --json a line holds one setting."
    ),
    examples=(
        "relaybook events replay --until 2026-11-30T12:00:00Z --tenant acme",
        "relaybook events replay --diff 120 2026-11-30T12:00:00Z",
    ),
)
@click.option("--until", metavar="MOMENT",
              help=N_("As of then; otherwise as of now."))  # fmt: skip
@click.option("--diff", nargs=2, metavar="A B",
              help=N_("What changed after moment A and up to moment B."))  # fmt: skip
@click.option("--tenant", "tenants", multiple=True, shell_complete=complete_id,
              help=N_("Only this tenant's setting; may be repeated."))  # fmt: skip
@click.pass_obj
def replay(
    session: Session,
    /,
    until: str | None,
    diff: tuple[str, str] | None,
    tenants: tuple[str, ...],
) -> None:
    """Replay, and print each setting with its events."""
    if until is not None and diff is not None:
        raise WrongUsage(tr("--until and --diff cannot be used together."))
    with opened(session) as relaybook:
        head = relaybook.store.head()
        first, last = ("0", until) if diff is None else diff
        since, end = (_position(relaybook, head, one) for one in (first, last))
        if since > end:
            raise WrongUsage(tr("The first moment is later than the second one."))
        found = Replay(store=relaybook.store).settings(until=end, since=since, tenants=tenants)
        _print(session.output, found, is_diff=diff is not None)
        _print_seal(session.output, relaybook, end)


def _position(relaybook: Relaybook, head: int, moment: str | None) -> int:
    return head if moment is None else min(head, relaybook.history.position(_moment(moment)))


def _moment(text: str) -> Moment:
    readings: tuple[Callable[[str], Moment], ...] = (position_from, instant_from)
    for reading in readings:
        with suppress(ValueError):
            return reading(text)
    raise WrongUsage(tr("{value} is neither a position nor an RFC 3339 instant.", value=text))


def _print(output: Output, found: Iterator[Replayed], *, is_diff: bool) -> None:
    for one in found:
        if output.as_json:
            output.line(json.dumps(_document(one, is_diff=is_diff), ensure_ascii=False))
        else:
            _print_setting(output, one, is_diff=is_diff)


def _document(one: Replayed, *, is_diff: bool) -> dict[str, Any]:
    told = {"changes": one.changes} if is_diff else {"setting": _shown(one.after)}
    return {"id": one.after.setting_id, **told, "events": [_step(step) for step in one.steps]}


def _shown(state: SettingState) -> dict[str, Any] | None:
    return setting_document(state) if state.exists else None


def _step(step: Version) -> dict[str, Any]:
    event = step.event
    return {
        "position": event.position,
        "recorded_at": instant(event.recorded_at),
        "type": event.type,
        "version": event.version,
        "actor": event.actor,
        "source_ip": event.source_ip,
        "correlation_id": event.correlation_id,
        "causation_id": event.causation_id,
        "changes": changes_between(step.before, step.after),
    }


def _print_setting(output: Output, one: Replayed, *, is_diff: bool) -> None:
    state = one.after
    gone = "" if state.exists else " " + tr("(deleted)")
    output.line(plain(state.setting_id) + gone)
    shown = one.changes if is_diff else changes_between(_nothing(one), state)
    for change in shown:
        if is_diff or change["after"] is not None:
            words = change_words(change) if is_diff else f"{change['path']}: {change['after']}"
            output.line(f"  {plain(words)}")
    for step in one.steps:
        output.line(f"  {_told(step)}")


def _nothing(one: Replayed) -> SettingState:
    return type(one.after)(setting_id=one.after.setting_id)


def _told(step: Version) -> str:
    event = step.event
    cells: Sequence[str | None] = (
        f"#{event.position}", instant(event.recorded_at), event.type, event.actor, event.source_ip,
        event.correlation_id,
    )  # fmt: skip
    return "  ".join(plain(cell or "–") for cell in cells)


def _print_seal(output: Output, relaybook: Relaybook, position: int) -> None:
    head = relaybook.log.log.newest()
    if head is not None and head.position >= position:
        told = tr("Up to position {position}; sealed in the log.", position=position)
    else:
        told = tr("Up to position {position}; not sealed in the log yet.", position=position)
    output.note(told)
