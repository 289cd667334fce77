"""Lists 50 of many settings: the product beside Django REST Framework and FastAPI with raw rows.

`sh deploy/dev.sh bench lists [SETTINGS [SECONDS [ROUNDS [MOST]]]]`: 100,000 settings of 1.1 KB
without a number. Asked are the first page and the last one, those of a filter that one in a
thousand passes, and the one that a search finds, by 16 connections; the product also where it keeps
no answers, as when settings change all the time, and so by one client while the settings grow in
number, up to the most. Django REST Framework makes pages by number, as its guide has it, which
counts all settings and skips those before; and by cursor, the fastest that it has.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
import psycopg

from services.config_api.http.schemas.parameters import cursor_text
from tests.bench import _frame
from tests.bench._frame import Measured, Median, PeerMissing
from tests.bench._growth import growth, sizes, write_chart
from tests.bench._load import Target, throughput
from tests.bench._place import Place, a_place
from tests.bench._reads_data import into_postgres, setting_id
from tests.bench._reads_peers import on_granian, on_uvicorn, relaybook

_SETTINGS: Final = 100_000
_SECONDS: Final = 3
_CONNECTIONS: Final = 16
_PAGE: Final = 50
_EVERY: Final = 1_000
_ENOUGH: Final = 20
_DEFAULT_MIB: Final = 64
_PATH: Final = "/v1/smtp-settings"
_OWN, _UNKEPT, _FASTAPI = "Relaybook", "Relaybook, nothing kept", "FastAPI, asyncpg"
_DJANGO, _BY_CURSOR = "Django REST Framework", "Django REST Framework, by cursor"
_FIRST, _LAST, _FILTER, _SEARCH = "first page", "last page", "filter", "search"
#: How many times as fast as a peer the product should be, and its last page as its first one: no
#: slower, but for what a measurement is inexact by.
_AIMS: Final = {_DJANGO: 15.0, _FASTAPI: 1.0}
_LAST_AIM: Final = 0.95


def main(words: Sequence[str]) -> None:
    """Measure, print and write the result."""
    count = int(words[0]) if words else _SETTINGS
    seconds = int(words[1]) if len(words) > 1 else _SECONDS
    rounds = int(words[2]) if len(words) > 2 else _frame.ROUNDS
    most = int(words[3]) if len(words) > 3 else count
    before = _frame.machine()
    figures: dict[str, dict[int, float]] = {}
    with a_place() as place:
        _grow(place, figures, [0, *sizes(count)], seconds)
        with ExitStack() as stack:
            targets, missing = _targets(place, stack)
            lists = _measured(place, targets, count, seconds, rounds)
        _grow(place, figures, [count, *sizes(most, beyond=count)], seconds)
    grown = growth("ms a list", figures)
    first, last = (lists[kind]["peers"][0]["per_second"] for kind in (_FIRST, _LAST))
    _frame.say(f"the last page is {last / first:.2f} times the first one (aim {_LAST_AIM})")
    told = {
        "machine": before | {"load_after": _frame.load()},
        "settings": count, "page": _PAGE, "connections": _CONNECTIONS, "seconds": seconds,
        "durability": "fsync and synchronous_commit on",
        "lists": lists, "missing": missing,
        "last_to_first": {"ratio": round(last / first, 2), "aim": _LAST_AIM},
        "growth": grown,
    }  # fmt: skip
    _frame.say(f"written: {_frame.write('lists', told)}")
    chart = write_chart("lists", "Lists of 50 settings, by number of settings", grown)
    _frame.say(f"drawn: {chart}")


def _asked(peer: str, count: int) -> dict[str, str]:
    """Return what a peer is asked for each kind of list."""
    behind = setting_id(count - _PAGE - 1)
    last = {
        _OWN: f"cursor={quote(cursor_text(behind))}",
        _UNKEPT: f"cursor={quote(cursor_text(behind))}",
        _DJANGO: f"page={count // _PAGE}",
        _BY_CURSOR: f"cursor={quote(b64encode(f'p={behind}'.encode()))}",
        _FASTAPI: f"after={behind}",
    }
    found = setting_id(count - 1).upper()
    queries = {_FIRST: "", _LAST: f"?{last[peer]}", _FILTER: "?is_default=true",
               _SEARCH: f"?q={found}"}  # fmt: skip
    path = _PATH + "-by-cursor" if peer == _BY_CURSOR else _PATH
    return {kind: path + query for kind, query in queries.items()}


def _expected(count: int) -> dict[str, list[str]]:
    """Return the IDs that each kind of list has to hold, in order."""
    numbers: dict[str, Sequence[int]] = {
        _FIRST: range(_PAGE),
        _LAST: range(count - _PAGE, count),
        _FILTER: range(0, count, _EVERY)[:_PAGE],
        _SEARCH: [count - 1],
    }
    return {kind: [setting_id(one) for one in some] for kind, some in numbers.items()}


def _targets(place: Place, stack: ExitStack) -> tuple[dict[str, Target], dict[str, str]]:
    """Start all peers; return them, and why one is missing."""
    django = "tests.bench.peers.reads_django:application"
    starts: dict[str, Callable[[Path], Any]] = {
        _OWN: lambda folder: relaybook(folder, place.environment, place.beside, mib=_DEFAULT_MIB),
        _UNKEPT: lambda folder: relaybook(folder, place.environment, place.beside, mib=0),
        _DJANGO: lambda folder: on_granian(folder, django, "", place.beside),
        _FASTAPI: lambda folder: on_uvicorn(folder, place.beside),
    }
    targets, missing = dict[str, Target](), dict[str, str]()
    for number, (name, start) in enumerate(starts.items()):
        try:
            targets[name] = stack.enter_context(start(place.sub(f"peer-{number}")))
        except PeerMissing as reason:
            missing[name] = str(reason)
            _frame.say(f"{name} is skipped: {reason}")
    if _DJANGO in targets:
        targets[_BY_CURSOR] = targets[_DJANGO]
    return targets, missing


def _measured(
    place: Place, targets: Mapping[str, Target], count: int, seconds: int, rounds: int
) -> dict[str, Any]:
    """Let the peers take turns at each kind of list, after what they answer was checked."""
    told = {}
    for kind, expected in _expected(count).items():
        asked = {name: _at(one, _asked(name, count)[kind]) for name, one in targets.items()}
        for name, target in asked.items():
            _check(name, target, expected)
        turns = {name: partial(_turn, place, one, seconds) for name, one in asked.items()}
        medians, _ = _frame.alternate(turns, rounds=rounds)
        ratios = list(_ratios(medians))
        _say(kind, medians, ratios)
        told[kind] = {"peers": [one.document() for one in medians.values()], "ratios": ratios}
    return told


def _at(target: Target, path: str) -> Target:
    return replace(target, before=path, fixed=True)


def _check(name: str, target: Target, expected: Sequence[str]) -> None:
    """Raise RuntimeError unless the answer holds these settings."""
    answer = httpx.get(
        target.url + target.before, headers=dict(target.headers), trust_env=False, timeout=30
    )
    document = answer.json() if answer.is_success else {}
    items = document.get("items", document.get("results", []))
    hosts = [f"smtp.{one}.example" for one in expected]
    if [one["id"] for one in items] != expected or [one["host"] for one in items] != hosts:
        raise RuntimeError(f"{name} answers {answer.status_code}: {answer.text[:200]}")


def _turn(place: Place, target: Target, seconds: int, connections: int = _CONNECTIONS) -> Measured:
    return throughput(target, 1, place.folder, seconds=seconds, connections=connections)


def _grow(
    place: Place, figures: dict[str, dict[int, float]], counts: Sequence[int], seconds: int
) -> None:
    """Fill the read model from one count to the next; add what lists take that are not kept."""
    for begin, size in pairwise(counts):
        into_postgres(place.url, begin, size)
        _choose(place)
        folder = place.sub(f"settings-{size}")
        with relaybook(folder, place.environment, place.beside, mib=0) as target:
            for kind, path in _asked(_OWN, size).items():
                turn = _long_turn(place, _at(target, path), seconds)
                figures.setdefault(kind, {})[size] = 1000 / turn.per_second
        _frame.say(f"{size:,} settings, ms: { {kind: figures[kind][size] for kind in figures} }")


def _long_turn(place: Place, target: Target, seconds: int) -> Measured:
    """Let one client ask, in turns that are longer and longer until one has answers enough.

    A list that reads all settings would by sixteen clients at once only wait for itself.
    """
    while (turn := _turn(place, target, seconds, 1)).count < _ENOUGH:
        seconds *= 4
    return turn


def _choose(place: Place) -> None:
    """Let one setting in a thousand be a default."""
    with psycopg.connect(place.beside.url, autocommit=True) as connection:
        connection.execute(
            "UPDATE smtp_settings SET is_default = true"
            " WHERE substr(id, 2)::int %% %s = 0 AND NOT is_default",
            (_EVERY,),
        )
        connection.execute("VACUUM ANALYZE smtp_settings")


def _ratios(medians: Mapping[str, Median]) -> Iterator[dict[str, Any]]:
    for peer, aim in _AIMS.items():
        if peer in medians:
            for own in (_OWN, _UNKEPT):
                ratio = medians[own].per_second / medians[peer].per_second
                yield {"of": own, "to": peer, "ratio": round(ratio, 2), "aim": aim}


def _say(kind: str, medians: Mapping[str, Median], ratios: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        [
            name, f"{one.per_second:,.0f}",
            *(f"{one.cpu_ms[part]:.2f}" for part in ("server", "database", "client")),
        ]
        for name, one in medians.items()
    ]  # fmt: skip
    head = (kind, "lists/s", "server ms", "database ms", "client ms")
    _frame.say(f"\n{_frame.table(head, rows)}")
    for one in ratios:
        _frame.say(f"{one['of']} is {one['ratio']} times {one['to']} (aim {one['aim']})")
