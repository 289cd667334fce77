"""Starts: `relaybook up` on a warm data directory, the CLI's help; and a tester's memory at rest.

`up` counts from the command to the line that tells that everything runs: migrated, API, relay and
tester ready. The processor seconds are those of all its processes by then. The tester rests for
five seconds before its memory is read. `sh deploy/dev.sh bench start [ROUNDS]`.
"""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx

from events.store.sql.engine import make_engine
from events.store.sql.sqlite.engine import check_durability
from services.config_api.settings import read_settings
from tests.bench import _frame
from tests.bench._load import seconds_with_ended, tree
from tests.support.memory import taken_mib
from tests.support.ports import free_port
from tests.support.processes import RELAYBOOK

_ROUNDS: Final = 5
_REST_S: Final = 5.0
_STOP_S: Final = 30.0
_READY: Final = "Relaybook runs at "
_TESTER: Final = b"services.conn_tester"
_AIMS: Final = {"up_s": 3.0, "help_s": 0.25, "tester_rest_mib": 60.0}


@dataclass(frozen=True)
class Up:
    """A service that has just told that it is ready."""

    seconds: float
    cpu_s: float
    tester_rest_mib: float


def main(words: Sequence[str]) -> None:
    """Measure, print and write the result; a number says how many rounds."""
    rounds = int(words[0]) if words else _ROUNDS
    before = _frame.machine()
    with TemporaryDirectory() as folder:
        _up(Path(folder), rest_s=0)  # makes database, keys and tokens, and warms what is read
        _require_durability(folder)
        ups, helps = list[Up](), list[tuple[float, float]]()
        for number in range(1, rounds + 1):
            ups.append(_up(Path(folder), rest_s=_REST_S))
            helps.append(_help())
            _frame.say(f"round {number}: {ups[-1]}, help in {helps[-1][0]:.3f} s")
    figures = {
        "up_s": median(one.seconds for one in ups),
        "up_cpu_s": median(one.cpu_s for one in ups),
        "help_s": median(took for took, _ in helps),
        "help_cpu_s": median(cpu for _, cpu in helps),
        "tester_rest_mib": median(one.tester_rest_mib for one in ups),
    }
    rows = [(name, f"{value:.2f}", str(_AIMS.get(name, "–"))) for name, value in figures.items()]
    _frame.say(f"\n{_frame.table(('', 'median', 'aim, at most'), rows)}\n")
    document: dict[str, Any] = {
        "machine": before | {"load_after": _frame.load()},
        "rounds": rounds,
        "durability": "SQLite, journal_mode=WAL, synchronous=FULL",
        "aims": _AIMS,
        "medians": {name: round(value, 3) for name, value in figures.items()},
    }
    _frame.say(f"written: {_frame.write('start', document)}")


def _require_durability(folder: str) -> None:
    """Raise WeakDurability where the service would not flush what it commits."""
    engine = make_engine(read_settings({"RELAYBOOK_DATA_DIR": folder}).database_url)
    with closing(engine.connect()) as connection:
        check_durability(connection)
    engine.dispose()


def _up(folder: Path, *, rest_s: float) -> Up:
    """Start everything, wait until it tells that it runs, and stop it again."""
    bind = f"127.0.0.1:{free_port()}"
    began = time.monotonic()
    with _running([*RELAYBOOK, "up", "--bind", bind, "--data-dir", str(folder)]) as process:
        assert process.stdout is not None
        if not process.stdout.readline().startswith(_READY):
            raise RuntimeError("relaybook up did not tell that it runs")
        seconds = time.monotonic() - began
        pids = tree(process.pid)
        cpu = sum(map(seconds_with_ended, pids))
        httpx.get(f"http://{bind}/readyz", trust_env=False).raise_for_status()
        (tester,) = (pid for pid in pids if _TESTER in Path(f"/proc/{pid}/cmdline").read_bytes())
        time.sleep(rest_s)
        return Up(seconds, cpu, taken_mib(tester))


@contextmanager
def _running(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a program in plain English, its other words unheard, and end it afterwards."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("RELAYBOOK_")}
    with subprocess.Popen(
        command, env=own | {"LC_ALL": "C.UTF-8"}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()
            process.wait(_STOP_S)


def _help() -> tuple[float, float]:
    """Return the seconds that the CLI's help takes, and those of the processor."""
    before, began = _children(), time.monotonic()
    done = subprocess.run([*RELAYBOOK, "--help"], capture_output=True, text=True, check=True)
    took = time.monotonic() - began
    if "settings" not in done.stdout:
        raise RuntimeError(done.stdout)
    return took, _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
