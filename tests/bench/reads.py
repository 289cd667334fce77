"""Reads one of many settings: the product beside etcd, nginx, Django, FastAPI and Flask alone.

`sh deploy/dev.sh bench reads [SETTINGS [MOST]]`: 100,000 settings of 1.1 KB without a number, at
random. Servers written in Python are kept on one processor each, and the product is measured on
any, too. What is compared is requests a second, with what the server, the database and the client
spent on each; then the times of answers at half of what a peer can do, and how the product's time
and memory grow up to the most settings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx

from tests.bench._frame import (
    Measured,
    Median,
    PeerMissing,
    alternate,
    machine,
    say,
    table,
    write,
)
from tests.bench._growth import sizes, write_chart
from tests.bench._load import Target, all_asked, grpc_throughput, p99_ms, throughput
from tests.bench._place import Place, a_place
from tests.bench._reads_data import (
    document,
    grpc_request,
    range_request,
    setting_id,
)
from tests.bench._reads_growth import CONNECTIONS, KEPT_MIB, SECONDS, GrowingReads
from tests.bench._reads_peers import (
    etcd,
    nginx,
    on_granian,
    on_uvicorn,
    relaybook,
)

_SETTINGS: Final = 100_000
_OWN, _UNCACHED = "relaybook", "relaybook, nothing kept"
_ANYWHERE = "relaybook, on any processor"
_GATEWAY, _GRPC, _NGINX = "etcd, gateway", "etcd, gRPC", "nginx, files"
_DJANGO, _FASTAPI, _HELLO = "Django REST Framework", "FastAPI, asyncpg", "Flask, hello"
#: Whom the product is compared with, by how much it should be faster, and which way of reading.
_AIMS: Final = (
    (_OWN, _GATEWAY, 4.0), (_OWN, _GRPC, 2.5), (_OWN, _DJANGO, 40.0), (_OWN, _NGINX, 0.8),
    (_UNCACHED, _HELLO, 0.75), (_UNCACHED, _FASTAPI, 1.0),
)  # fmt: skip


def main(words: Sequence[str]) -> None:
    """Measure, print and write the result."""
    count = int(words[0]) if words else _SETTINGS
    most = int(words[1]) if len(words) > 1 else count
    with a_place() as place:
        grown = GrowingReads(place=place)
        grown.measure(sizes(count))
        with ExitStack() as stack:
            targets, missing = _targets(place, stack, count)
            for own in (_OWN, _ANYWHERE):
                _fill(place, targets[own], count)
            turns = {
                name: partial(_turn, name, place, target, count) for name, target in targets.items()
            }
            medians, _ = alternate(turns)
            at_half = _times_at_half(place, targets, medians, count)
        grown.measure(sizes(most, beyond=count))
    _say(medians, at_half)
    told = {
        "machine": machine(), "settings": count, "bytes": len(document(0)),
        "connections": CONNECTIONS, "durability": "fsync and synchronous_commit on",
        "peers": [one.document() for one in medians.values()],
        "missing": missing,
        "p99_ms_at_half_load": at_half,
        "ratios": [
            {"of": own, "to": peer, "ratio": round(ratio, 2), "aim": aim}
            for own, peer, aim, ratio in _ratios(medians)
        ],
        **grown.told(),
    }  # fmt: skip
    say(f"written: {write('reads', told)}")
    write_chart("reads", "Reads of one setting, by number of settings", told["growth"])
    memory = told["growth_of_memory"]
    write_chart("reads_memory", "Memory of a server that has read all settings", memory)


def _targets(
    place: Place, stack: ExitStack, count: int
) -> tuple[dict[str, Target], dict[str, str]]:
    """Start all peers and check what they answer; return them, and why one is missing."""
    beside, environment = place.beside, place.environment
    starts: dict[str, Callable[[Path], Any]] = {
        _OWN: lambda folder: relaybook(folder, environment, beside, mib=KEPT_MIB),
        _UNCACHED: lambda folder: relaybook(folder, environment, beside, mib=0),
        _ANYWHERE: lambda folder: relaybook(
            folder, environment, beside, mib=KEPT_MIB, on_one=False
        ),
        _HELLO: lambda folder: on_granian(
            folder, "tests.bench.peers.reads_hello:app", "/hello/", beside
        ),
        _DJANGO: lambda folder: on_granian(
            folder, "tests.bench.peers.reads_django:application", "/v1/smtp-settings/", beside
        ),
        _FASTAPI: lambda folder: on_uvicorn(folder, beside),
        _GATEWAY: lambda folder: etcd(folder, count),
        _NGINX: lambda folder: nginx(folder, count),
    }
    targets, missing = dict[str, Target](), dict[str, str]()
    for number, (name, start) in enumerate(starts.items()):
        try:
            targets[name] = stack.enter_context(start(place.sub(str(number))))
        except PeerMissing as reason:
            missing[name] = str(reason)
            say(f"{name} is skipped: {reason}")
            continue
        _check(name, targets[name], count)
    if _GATEWAY in targets:
        targets[_GRPC] = targets[_GATEWAY]
    return targets, missing


def _check(name: str, target: Target, count: int) -> None:
    """Raise RuntimeError unless the answers are the settings that were asked for."""
    with httpx.Client(base_url=target.url, headers=dict(target.headers), trust_env=False) as client:
        for number in (0, count // 2, count - 1):
            if target.by_body:
                answer = client.post(target.before, content=range_request(number))
                right = answer.json()["count"] == "1"
            else:
                answer = client.get(f"{target.before}{setting_id(number)}")
                right = setting_id(number) in answer.text and (
                    name == _HELLO or answer.json()["host"] == f"smtp.{setting_id(number)}.example"
                )
            if answer.status_code != httpx.codes.OK or not right:
                raise RuntimeError(f"{name} answers {answer.status_code}: {answer.text[:200]}")


def _fill(place: Place, target: Target, count: int) -> None:
    """Ask the product for each setting once, as the peers' stores were filled before."""
    all_asked(target, count, place.folder, seconds=SECONDS, connections=CONNECTIONS)


def _turn(name: str, place: Place, target: Target, count: int) -> Measured:
    if name == _GRPC:
        return grpc_throughput(target, grpc_request(1), place.folder, seconds=SECONDS)
    return throughput(target, count, place.folder, seconds=SECONDS, connections=CONNECTIONS)


def _times_at_half(
    place: Place, targets: Mapping[str, Target], medians: Mapping[str, Median], count: int
) -> dict[str, float]:
    """Return the 99th percentile of the times of answers while a peer is asked at half its best."""
    told = dict[str, float]()
    for name in (_OWN, _GATEWAY):
        if name in medians:
            rate = medians[name].per_second / 2
            try:
                ms = p99_ms(targets[name], count, place.folder, rate=rate, seconds=SECONDS)
            except PeerMissing as reason:
                say(f"the times of {name} are skipped: {reason}")
                continue
            told[name] = round(ms, 2)
    return told


def _ratios(medians: Mapping[str, Median]) -> Iterator[tuple[str, str, float, float]]:
    for own, peer, aim in _AIMS:
        if own in medians and peer in medians:
            yield own, peer, aim, medians[own].per_second / medians[peer].per_second


def _say(medians: Mapping[str, Median], at_half: Mapping[str, float]) -> None:
    rows = [
        [
            name, f"{one.per_second:,.0f}",
            *(f"{one.cpu_ms.get(part, 0) * 1000:.0f}" for part in ("server", "database", "client")),
            f"{one.memory_mib.get('server', 0):.0f}", str(at_half.get(name, "–")),
        ]
        for name, one in medians.items()
    ]  # fmt: skip
    head = ("", "reads/s", "server µs", "database µs", "client µs", "MiB", "p99 ms at half load")
    say(f"\n{table(head, rows)}\n")
    for own, peer, aim, ratio in _ratios(medians):
        say(f"{own} is {ratio:.2f} times {peer} (aim {aim})")
