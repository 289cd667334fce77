"""Commands over HTTP: changes of settings with a secret each, beside what the store alone appends.

Eight clients, each with settings of its own, send PATCH with If-Match and a new password, which is
sealed; PostgreSQL flushes each commit. In the same run eight writers append by the store alone. At
the end eight clients change one setting 2,000 times, reading it again wherever they came too late.
`sh deploy/dev.sh bench commands [SECONDS [ROUNDS [HOT CHANGES]]]`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx

from deploy.migrations import migrate
from events.store.sql.opening import open_store
from tests.bench import _frame
from tests.bench._cluster import Cluster, own_cluster
from tests.bench._frame import Measured, PeerMissing
from tests.bench._load import Target, found, seconds_with_ended
from tests.bench._place import Place, a_place
from tests.bench._race import ONE, Race, run_race
from tests.bench._reads_peers import relaybook

_CLIENTS: Final = 8
_EACH: Final = 20
_SECONDS: Final = 4
_HOT_CHANGES: Final = 2_000
_DEFAULT_MIB: Final = 64
_AIM: Final = 0.35
_PATH: Final = "/v1/smtp-settings"
_OWN, _STORE = "Relaybook, PATCH", "its store alone"
#: Each of wrk's threads is a client with one connection; `versions` are those of its settings.
_SCRIPT: Final = """
local number = 0
function setup(thread) thread:set("client", number); number = number + 1 end
function init() versions, at = {{}}, 0 end
function name() return string.format("c%d-%d", client, at % {each}) end
request = function()
  local version = versions[at % {each}]
  if version == nil then return wrk.format("GET", "{path}/" .. name()) end
  local body = string.format(
    '{{"x_mailer":"after v%d","auth":{{"password":"secret of v%d"}}}}', version, version)
  local heads = {{["If-Match"] = '"v' .. version .. '"', ["Content-Type"] = "application/json"}}
  for name, value in pairs(wrk.headers) do heads[name] = value end
  return wrk.format("PATCH", "{path}/" .. name(), heads, body)
end
response = function(status, headers)
  local tag = headers["ETag"] or headers["etag"] or headers["Etag"]
  if status ~= 200 or tag == nil then return end
  versions[at % {each}] = tonumber(tag:match("%d+"))
  at = at + 1
end
"""


@dataclass(kw_only=True)
class Service:
    """The service with its settings, and what is known of them."""

    target: Target
    folder: Path
    cluster: Cluster
    changes: int = 0
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def client(self) -> httpx.Client:
        """Return a new client."""
        return httpx.Client(
            base_url=self.target.url, headers=dict(self.target.headers), trust_env=False, timeout=60
        )

    def register(self, name: str) -> None:
        """Make a setting with a secret."""
        auth = {"method": "password", "user": "mailer", "password": "first"}
        made = {"id": name, "host": f"smtp.{name}.example", "auth": auth}
        with self.client as client:
            client.post(_PATH, json=made).raise_for_status()
        self.versions[name] = 1

    def cpu_seconds(self) -> dict[str, float]:
        """Return what the service and the database have spent."""
        own = sum(seconds_with_ended(pid) for pid in self.target.parts["server"]())
        return {"server": own, "database": self.cluster.cpu_seconds()}


def main(words: Sequence[str]) -> None:
    """Measure, print and write the result."""
    seconds = int(words[0]) if words else _SECONDS
    rounds = int(words[1]) if len(words) > 1 else _frame.ROUNDS
    hot_changes = int(words[2]) if len(words) > 2 else _HOT_CHANGES
    before = _frame.machine()
    try:
        with own_cluster() as cluster, a_place(cluster.server) as place:
            durability = cluster.durability()
            with _a_service(cluster, place) as service:
                medians = _compared(service, cluster, seconds, rounds)
                hot = _hot_setting(service, place, hot_changes)
    except PeerMissing as reason:
        _frame.say(f"nothing is measured: {reason}")
        return
    ratio = medians[_OWN].per_second / medians[_STORE].per_second
    _frame.say(f"{_OWN} is {ratio:.2f} times {_STORE} (aim {_AIM})")
    document = {
        "machine": before | {"load_after": [round(load, 1) for load in os.getloadavg()]},
        "settings": {"clients": _CLIENTS, "seconds": seconds, "rounds": rounds},
        "durability": durability,
        "peers": [one.document() for one in medians.values()],
        "ratios": [{"of": _OWN, "to": _STORE, "ratio": round(ratio, 2), "aim": _AIM}],
        "hot_setting": hot,
    }
    _frame.say(f"written: {_frame.write('commands', document)}")


@contextmanager
def _a_service(cluster: Cluster, place: Place) -> Iterator[Service]:
    """Serve the product with some settings for each client."""
    folder = place.sub("service")
    with relaybook(folder, place.environment, place.beside, mib=_DEFAULT_MIB) as target:
        service = Service(target=target, folder=folder, cluster=cluster)
        for client in range(_CLIENTS):
            for number in range(_EACH):
                service.register(f"c{client}-{number}")
        yield service


def _compared(
    service: Service, cluster: Cluster, seconds: int, rounds: int
) -> dict[str, _frame.Median]:
    """Let the service and the store alone take turns, each with a database of its own."""
    url = cluster.server.create()
    migrate(url)
    race = Race(writers=_CLIENTS, seconds=seconds, work=ONE)
    by_store = partial(
        run_race, Path(sys.executable), "tests.bench.peers.appends_store", url, race,
        of_server=cluster.cpu_seconds,
    )  # fmt: skip
    turns = {_OWN: partial(_changed, service, seconds), _STORE: by_store}
    medians, _ = _frame.alternate(turns, rounds=rounds)
    rows = [
        [
            name,
            f"{one.per_second:,.0f}",
            ", ".join(f"{part} {ms * 1000:.0f}" for part, ms in one.cpu_ms.items()),
        ]
        for name, one in medians.items()
    ]
    _frame.say(f"\n{_frame.table(('', 'changes/s', 'processor µs'), rows)}")
    return medians


def _changed(service: Service, seconds: int) -> Measured:
    """Change settings by wrk; raises RuntimeError where a change is refused or gets lost."""
    script = service.folder / "change.lua"
    script.write_text(_SCRIPT.format(path=_PATH, each=_EACH), encoding="ascii")
    command = [found("wrk"), f"-t{_CLIENTS}", f"-c{_CLIENTS}", f"-d{seconds}s", "-s", str(script)]
    for name, value in service.target.headers.items():
        command += ["-H", f"{name}: {value}"]
    before, began, own = service.cpu_seconds(), time.monotonic(), os.times()
    told = subprocess.run(
        [*command, service.target.url], check=True, capture_output=True, text=True
    ).stdout
    took, after, now = time.monotonic() - began, service.cpu_seconds(), os.times()
    answered = re.search(r"(\d+) requests in", told)
    if "Non-2xx" in told or "Socket errors" in told or answered is None:
        raise RuntimeError(told)
    done = _changes_kept(service)
    # Each client reads each setting once before; the last change of each may go uncounted.
    counted = int(answered[1]) - _CLIENTS * _EACH
    if not counted <= done <= counted + _CLIENTS:
        raise RuntimeError(f"{counted} changes were answered, {done} are there")
    client = now.children_user + now.children_system - own.children_user - own.children_system
    spent = {part: after[part] - before[part] for part in after} | {"client": client}
    return Measured(count=done, seconds=took, cpu_s=spent)


def _changes_kept(service: Service) -> int:
    """Return by how many versions the settings went on; each must hold its last change."""
    done = 0
    with service.client as client:
        for name, before in service.versions.items():
            found_ = client.get(f"{_PATH}/{name}").json()
            version = found_["version"]
            if version > 1 and found_["x_mailer"] != f"after v{version - 1}":
                raise RuntimeError(f"{name} is at {version} and not what it was changed to")
            done += version - before
            service.versions[name] = version
    return done


def _hot_setting(service: Service, place: Place, changes: int) -> dict[str, Any]:
    """Let all clients change one setting; return how long that took and how often one came late.

    Raises RuntimeError unless every change is in the setting's history, once.
    """
    service.register("hot")
    began = time.monotonic()
    with ThreadPoolExecutor(_CLIENTS) as pool:
        each = range(changes // _CLIENTS)
        late = sum(pool.map(lambda number: _insist(service, number, each), range(_CLIENTS)))
    took = time.monotonic() - began
    opened = open_store(place.url)
    history = opened.store.read_stream("smtp_setting-hot")
    opened.close()
    written = re.findall(r"change \d+ of client \d+", " ".join(str(one.data) for one in history))
    wanted = len(each) * _CLIENTS
    if len(history) != wanted + 1 or len(set(written)) != wanted:
        raise RuntimeError(f"of {wanted} changes {len(set(written))} are in the history")
    told = {"changes": wanted, "kept": len(history) - 1, "came_late": late,
            "per_second": round(wanted / took, 1)}  # fmt: skip
    _frame.say(f"one setting, {_CLIENTS} clients: {told}")
    return told


def _insist(service: Service, number: int, changes: Sequence[int]) -> int:
    """Make changes one after the other, each until it was taken; return how many were refused."""
    late = 0
    with service.client as client:
        for change in changes:
            body = {"x_mailer": f"change {change} of client {number}"}
            while True:
                tag = client.get(f"{_PATH}/hot").headers["ETag"]
                answer = client.patch(f"{_PATH}/hot", json=body, headers={"If-Match": tag})
                if answer.status_code != httpx.codes.PRECONDITION_FAILED:
                    break
                late += 1
            answer.raise_for_status()
    return late
