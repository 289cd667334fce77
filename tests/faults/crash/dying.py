"""Runs something in a forked child and kills that at a failpoint or at a system call."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from events import failpoints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LONGEST_S = 300.0
_CALL = re.compile(r"^(\d+) +(\w+)\(")
_GO = b"go"
Kind = Literal["failpoint", "syscall", "power"]
Ending = Literal["killed", "ended", "stuck", "failed"]


class ChildFailed(Exception):
    """A child that was not killed ended with an error."""


@dataclass(frozen=True, kw_only=True)
class Kill:
    """Where a process is killed: the n-th passing of a failpoint, or a thread's n-th system call.

    The process dies as it enters the call, so that the calls before it are done and this is not.
    """

    kind: Kind
    name: str
    number: int

    def __str__(self) -> str:
        return f"{self.name}:{self.number}"


def can_trace() -> bool:
    """Tell whether strace may kill a process of ours here."""
    if shutil.which("strace") is None:
        return False
    strace = ["strace", "-f", "-o", "/dev/null", "-e", "inject=getppid:signal=KILL"]
    done = subprocess.run(
        [*strace, sys.executable, "-c", "import os; os.getppid()"],
        capture_output=True,
        check=False,
    )
    return done.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}


def answered_by_child(work: Callable[[], Any]) -> Any:
    """Return what `work` answers in a forked child, as JSON; raises ChildFailed."""
    reading, writing = os.pipe()
    pid = _fork(lambda _: os.write(writing, json.dumps(work()).encode()), None)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read()
    if _ended(pid) != "ended":
        raise ChildFailed("the child was stuck")
    return json.loads(text)


def killed(work: Callable[[Callable[[], None]], None], kill: Kill) -> Ending:
    """Run `work` in a child that is killed there; it calls what it gets once it may be killed."""
    if kill.kind == "failpoint":
        return _ended(_fork(work, lambda: failpoints.arm(str(kill))))
    inject = f"inject={kill.name}:signal=KILL:when={kill.number}"
    return traced(work, ["-o", "/dev/null", "-e", inject])


def passed_failpoints(work: Callable[[Callable[[], None]], None]) -> Counter[str]:
    """Return how often each failpoint is passed when nothing is killed."""
    passes: list[str] = []

    def counted() -> list[str]:
        work(lambda: failpoints.watch(passes.append))
        return passes

    return Counter(answered_by_child(counted))


def made_calls(work: Callable[[Callable[[], None]], None], names: str) -> Counter[str]:
    """Return how many of these system calls the busiest thread made, by name."""
    most: Counter[str] = Counter()
    with tempfile.NamedTemporaryFile() as log:
        ending = traced(work, ["-o", log.name, "-e", f"trace={names}", "-e", "signal=none"])
        if ending != "ended":
            raise ChildFailed(f"the child {ending}")
        calls: Counter[tuple[str, str]] = Counter(_calls(Path(log.name)))
    for (_, name), number in calls.items():
        most[name] = max(most[name], number)
    return most


def _calls(log: Path) -> Iterator[tuple[str, str]]:
    for line in log.read_text(errors="replace").splitlines():
        if found := _CALL.match(line):
            yield found.group(1), found.group(2)


def traced(work: Callable[[Callable[[], None]], None], options: list[str]) -> Ending:
    """Run `work` under strace from the moment on at which it may be killed."""
    ready, tell_ready = os.pipe()
    go, tell_go = os.pipe()

    def begin() -> None:
        os.write(tell_ready, _GO)
        os.read(go, len(_GO))

    pid = _fork(work, begin)
    os.close(tell_ready)
    tracer: subprocess.Popen[bytes] | None = None
    if os.read(ready, len(_GO)):  # empty where the child ended before
        tracer = subprocess.Popen(
            ["strace", "-f", "-p", str(pid), *options], stderr=subprocess.PIPE
        )
        assert tracer.stderr is not None
        tracer.stderr.readline()  # "Process … attached"
        os.write(tell_go, _GO)
    ending = _ended(pid)
    for one in (ready, go, tell_go):
        os.close(one)
    if tracer is not None:
        tracer.communicate(timeout=_LONGEST_S)
    return ending


def _fork(work: Callable[[Any], Any], argument: Any) -> int:
    """Return the child that does `work`; it ends at once when that is done, as if it were cut."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        work(argument)
    except BaseException:  # noqa: BLE001 -- nothing of the parent's may run in the child
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _ended(pid: int) -> Ending:
    """Return how a child ended; one that does not end is killed. Raises ChildFailed."""
    until = time.monotonic() + _LONGEST_S
    found, status = os.waitpid(pid, os.WNOHANG)
    while not found:
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return "stuck"
        time.sleep(0.004)
        found, status = os.waitpid(pid, os.WNOHANG)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return "killed"
    if status:
        raise ChildFailed(f"the child ended with {os.waitstatus_to_exitcode(status)}")
    return "ended"
