"""Connection tests: our tester, a thousand at once, beside swaks, 32 in parallel.

Both sign in at the same server on loopback, which takes 50 ms for each reply, with STARTTLS and in
plain text. Our tests come from a bus and their results go back there; swaks is only started. In
plain text ours are measured with ten to ten thousand tests in the queue, too; and the schedule of
re-tests with more and more settings. `sh deploy/dev.sh bench connection_tests [ROUNDS [SETTINGS]]`.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from tests.bench import _first_step, _frame, _growth
from tests.bench._frame import Measured, PeerMissing
from tests.bench._retests_growth import retests_grown
from tests.bench._smtp_server import PASSWORD, USER
from tests.bench._tester import AT_ONCE, Testing, a_program, a_tester
from tests.support.memory import cpu_seconds
from tests.support.services import a_virtual_host
from tests.support.smtp.certificates import Authority, Wanted
from tests.support.smtp.probing import claim_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DELAY_MS: Final = 50
_IN_PARALLEL: Final = 32
_OF_SWAKS: Final = 160
_HOST: Final = "127.0.0.1"
_SECURITIES: Final = ("starttls", "none")
_QUEUED: Final = {"embedded bus": (10, 100, 1000, 10_000), "RabbitMQ": (10, 100, 1000)}
_SETTINGS: Final = 100_000
#: By what they show: how the charts' names end, and what stands above them.
_CHARTS: Final = {
    "growth": ("", "Connection tests by the queue"),
    "growth_of_retests": ("_retests", "Ten minutes of re-tests each hour, by number of settings"),
    "growth_of_retests_memory": ("_retests_memory", "Memory of re-tests, by number of settings"),
}
_AIMS: Final = {
    "ratio_to_swaks": 25.0,
    "tester_cpu_ms": 1.5,
    "rest_mib": 60.0,
    "first_step_ms": {"embedded bus": 50, "RabbitMQ": 20},
}


def main(words: Sequence[str]) -> None:
    """Measure, print and write the result."""
    rounds = int(words[0]) if words else _frame.ROUNDS
    most = int(words[1]) if len(words) > 1 else _SETTINGS
    document: dict[str, Any] = {
        "machine": _frame.machine(),
        "settings": {
            "delay_ms": _DELAY_MS, "at_once": AT_ONCE, "swaks_in_parallel": _IN_PARALLEL,
            "rounds": rounds, "aims": _AIMS,
        },
    }  # fmt: skip
    parts: list[Callable[[], dict[str, Any]]] = [
        *(partial(_compared, security, rounds) for security in _SECURITIES),
        _first_steps,
        partial(retests_grown, most),
    ]
    for part in parts:
        document |= part()
        document["machine"]["load_after"] = _frame.load()
        _frame.say(f"written: {_frame.write('connection_tests', document)}")  # so far
    for key, (behind, title) in _CHARTS.items():
        if key in document:
            _growth.write_chart(f"connection_tests{behind}", title, document[key])


def _first_steps() -> dict[str, Any]:
    """Measure from the request to the first live step, on each bus."""
    told: dict[str, Any] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        files = [str(path) for path in Authority.root().issue().write(folder)]
        _, port = stack.enter_context(a_program("tests.bench._smtp_server", "0", *files))
        draft = {"host": _HOST, "port": port, "security": "none"}
        brokers: dict[str, str | None] = {"embedded bus": None}
        if shutil.which("rabbitmqctl"):
            brokers["RabbitMQ"] = stack.enter_context(a_virtual_host())
        for name, broker in brokers.items():
            own = folder / name.replace(" ", "-")
            took = _first_step.milliseconds(own, broker, draft, allow=f"{_HOST}/32:*")
            told[name] = {"median_ms": round(median(took), 1), "worst_ms": round(max(took), 1)}
            _frame.say(f"request to first step, {name}: {told[name]}")
    return {"first_step": told}


def _compared(security: str, rounds: int) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        authority = Authority.root()
        files = [str(path) for path in authority.issue(Wanted(names=(_HOST,))).write(folder)]
        server = ("tests.bench._smtp_server", str(_DELAY_MS), *files)
        server_pid, port = stack.enter_context(a_program(*server))
        claim = claim_answer(
            port, host=_HOST, security=security, ca_pem=authority.pem, user=USER, password=PASSWORD,
            connection_timeout_ms=60_000, timeout_ms=60_000, deadline_ms=60_000,
        )  # fmt: skip
        testers = _testers(stack, folder, claim, server_pid=server_pid)
        swaks = partial(_swaks, port, server_pid, security=security)
        ours = {_ours(name): partial(one.measure, AT_ONCE) for name, one in testers.items()}
        medians, missing = _frame.alternate({"swaks": swaks, **ours}, rounds=rounds)
        grown = _grown(testers) if security == "none" else {}
    rest = {_ours(name): round(one.rest_mib, 1) for name, one in testers.items()}
    return {security: _told(security, medians, missing, rest), **grown}


def _ours(bus: str) -> str:
    return f"Relaybook, {bus}"


def _grown(testers: dict[str, Testing]) -> dict[str, Any]:
    """Measure throughput and memory with more and more tests in the queue."""
    turns = {
        name: {n: testers[name].measure(n) for n in sizes}
        for name, sizes in _QUEUED.items()
        if name in testers
    }
    speed = {name: {n: one.per_second for n, one in by_n.items()} for name, by_n in turns.items()}
    memory = {
        name: {n: one.memory_mib["tester, at most"] for n, one in by_n.items()}
        for name, by_n in turns.items()
    }
    _frame.say(f"tests a second by the queue: {speed}\nMiB at most: {memory}")
    return {
        "growth": _growth.growth("tests a second", speed),
        "growth_of_memory": _growth.growth("MiB, the tester at most", memory),
    }


def _testers(
    stack: ExitStack, folder: Path, claim: dict[str, Any], *, server_pid: int
) -> dict[str, Testing]:
    """Return a tester on each bus, by the bus's name."""
    brokers: dict[str, Callable[[], str]] = {
        "embedded bus": lambda: f"relaybook+sqlite:///{folder / 'bus.db'}"
    }
    if shutil.which("rabbitmqctl"):
        brokers["RabbitMQ"] = lambda: stack.enter_context(a_virtual_host())
    now, testers = datetime.now(UTC), {}
    for name, broker in brokers.items():
        own = folder / name.replace(" ", "-")
        tester = a_tester(broker(), claim, own, server_pid=server_pid, now=now)
        testers[name] = stack.enter_context(tester)
    return testers


def _swaks(port: int, server_pid: int, *, security: str) -> Measured:
    """Run swaks so often, 32 at a time; each must sign in."""
    if shutil.which("swaks") is None:
        raise PeerMissing("swaks is not installed (deploy/requirements/debian-bench.txt)")
    command = [
        "xargs", "-P", str(_IN_PARALLEL), "-I", "{}", "swaks", "--server", f"{_HOST}:{port}",
        "--auth", "PLAIN", "--auth-user", USER, "--auth-password", PASSWORD, "--quit-after", "AUTH",
        "--hide-all", *(("--tls",) if security == "starttls" else ()),
    ]  # fmt: skip
    lines = "\n".join(map(str, range(_OF_SWAKS)))
    server, own, begun = cpu_seconds(server_pid), _children(), time.monotonic()
    subprocess.run(command, input=lines, text=True, check=True, capture_output=True)
    seconds = time.monotonic() - begun
    spent = {"tester": _children() - own, "server": cpu_seconds(server_pid) - server}
    return Measured(count=_OF_SWAKS, seconds=seconds, cpu_s=spent)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _told(
    security: str, medians: dict[str, _frame.Median], missing: dict[str, str],
    rest: dict[str, float],
) -> dict[str, Any]:  # fmt: skip
    swaks = medians.get("swaks")
    rows, told = [], []
    for name, one in medians.items():
        ratio = one.per_second / swaks.per_second if swaks else None
        at_most = one.memory_mib.get("tester, at most")
        rows.append([
            name, f"{one.per_second:,.0f}", f"{ratio:.1f}" if ratio else "–",
            f"{one.cpu_ms['tester']:.2f}", f"{one.cpu_ms['server']:.2f}",
            f"{rest[name]:.0f}" if name in rest else "–", f"{at_most:.0f}" if at_most else "–",
        ])  # fmt: skip
        told.append({
            **one.document(), "rest_mib": rest.get(name),
            "ratio_to_swaks": round(ratio, 1) if ratio else None,
        })  # fmt: skip
    head = ("", "tests/s", "by swaks", "CPU ms", "server ms", "rest MiB", "most MiB")
    _frame.say(f"\n{security}, load {os.getloadavg()[0]:.1f}\n{_frame.table(head, rows)}\n")
    return {"peers": told, "missing": missing}


if __name__ == "__main__":
    main(())
