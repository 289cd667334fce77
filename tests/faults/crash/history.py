"""The log as it must be whatever was killed: the same facts, once each, whole."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from events.sealing.commitment import is_intact
from events.store.sql.tables import streams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.envelope import RecordedEvent
    from services.config_api.bootstrap import Relaybook

_NAMED = ("smtp_setting",)  # categories whose streams are named by the client, not at random
_PAGE = 1_000


def all_events(relaybook: Relaybook) -> list[RecordedEvent]:
    """Return the whole log."""
    events: list[RecordedEvent] = []
    after, at_end = 0, False
    while not at_end:
        page = relaybook.store.read_all(after=after, limit=_PAGE)
        events += page.events
        after, at_end = page.upto, page.at_end
    return events


def facts_of(events: Sequence[RecordedEvent]) -> dict[str, list[Any]]:
    """Return what happened, without what differs between two runs (random ids, instants).

    Streams that the client named keep their facts in order; of the others it is counted how many
    streams told the same story.
    """
    told: defaultdict[str, list[Any]] = defaultdict(list)
    for event in events:
        category = event.stream.partition("-")[0]
        told[event.stream].append(
            [event.version, event.type, _data(event)]
            if category in _NAMED
            else [event.version, event.type]
        )
    named = {name: facts for name, facts in told.items() if name.partition("-")[0] in _NAMED}
    others = Counter(
        json.dumps([name.partition("-")[0], facts])
        for name, facts in told.items()
        if name not in named
    )
    return {**named, "others": sorted([story, number] for story, number in others.items())}


def _data(event: RecordedEvent) -> Any:
    data = json.loads(event.data)
    data.pop("import_id", None)
    return data


def differences(expected: dict[str, list[Any]], found: dict[str, list[Any]]) -> list[str]:
    """Return what is lost, and what happened twice or should not be there."""
    wrong = []
    for name in sorted({*expected, *found}):
        left = _counted(expected.get(name, []))
        there = _counted(found.get(name, []))
        wrong += [f"lost: {name} {fact}" for fact in (left - there).elements()]
        wrong += [f"doubled: {name} {fact}" for fact in (there - left).elements()]
    return wrong


def _counted(facts: Sequence[Any]) -> Counter[str]:
    return Counter(json.dumps(fact, sort_keys=True) for fact in facts)


def torn(relaybook: Relaybook, events: Sequence[RecordedEvent]) -> list[str]:
    """Return where streams, versions, hashes and imports do not fit together."""
    wrong = [
        f"torn: {one.stream} {one.version} was altered" for one in events if not is_intact(one)
    ]
    heads: Counter[str] = Counter()
    for event in events:
        heads[event.stream] += 1
        if event.version != heads[event.stream]:
            wrong.append(f"torn: {event.stream} jumps to version {event.version}")
    with relaybook.read_engine.connect() as connection:
        known = {row.stream: row.version for row in connection.execute(select(streams))}
    if known != heads:
        wrong.append(f"torn: versions {sorted(known.items() ^ heads.items())}")
    return wrong + _half_imports(events)


def _half_imports(events: Sequence[RecordedEvent]) -> list[str]:
    """Every import's settings came with its completion, as many as that says."""
    wrong = []
    imported = Counter(e.correlation_id for e in events if e.type == "smtp_setting.imported")
    for event in events:
        if event.type == "import.completed":
            counts = json.loads(event.data)["counts"]
            said = counts["create"] + counts["overwrite"]
            if imported.pop(event.correlation_id, 0) != said:
                wrong.append(f"torn: {event.stream} is not what it says")
    return wrong + [f"torn: half an import: {story}" for story in imported]
