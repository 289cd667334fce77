"""One operation on one world: prepared once, then killed and judged as often as is wanted."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.serving import make_server

from services.config_api.bootstrap import prepare
from tests.faults.crash.aftermath import aftermath, compared
from tests.faults.crash.client import Client, Journal
from tests.faults.crash.dying import (
    ChildFailed,
    Ending,
    Kill,
    Kind,
    answered_by_child,
    killed,
    made_calls,
    passed_failpoints,
)
from tests.faults.crash.operations.base import Scene
from tests.faults.crash.power import Recording, chosen_cuts
from tests.faults.crash.subject import subject_of

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator

    from tests.faults.crash.operations.base import Operation
    from tests.faults.crash.world import World

CALLS = {
    "embedded": "pwrite64,fdatasync,fsync,ftruncate,unlink,rename,link,flock,openat",
    "servers": "sendto,recvfrom,fsync,rename,link,unlink",
}


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What one kill did; `wrong` is empty where every promise was kept."""

    world: str
    operation: str
    kind: str
    name: str
    number: int
    ending: Ending
    wrong: list[str]
    again: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Trials:
    """Kills one operation again and again, each time from the same state."""

    def __init__(self, world: World, operation: Operation, folder: Path, *, port: int) -> None:
        self._world = world
        self._operation = operation
        self._folder = folder
        world.clear()
        self._subject = subject_of(world, api_port=port)
        answered_by_child(self._prepare)
        world.save(whole=operation.starts_itself)
        self._expected = self._undisturbed()

    def kills(self) -> list[Kill]:
        """Return every place at which this operation can be killed."""
        self._world.restore()
        with self._api():
            passes = passed_failpoints(self._act)
        self._world.restore()
        with self._api():
            calls = made_calls(self._act, CALLS[self._world.name])
        return [*_each("failpoint", passes), *_each("syscall", calls)]

    def trial(self, kill: Kill) -> Trial:
        """Kill there, start again and judge."""
        began = time.monotonic()
        self._world.restore()
        with self._api():
            ending = killed(self._act, kill)
        return self._judged(kill, ending, began)

    def power_cuts(self, most: int) -> Iterator[Trial]:
        """Cut the power at so many moments of one run; on SQLite only."""
        self._world.restore()
        with self._api():
            recording = Recording(self._act, self._world.data_dir, self._notes("command"))
        try:
            for after, seed in chosen_cuts(recording, most):
                began = time.monotonic()
                recording.cut(after, seed)
                change = recording.changes[after - 1]
                name = f"{change.call} {Path(change.path).name}"
                kill = Kill(kind="power", name=name, number=after)
                yield self._judged(kill, "killed", began)
        finally:
            recording.close()

    def _judged(self, kill: Kill, ending: Ending, began: float) -> Trial:
        """Start again on what a kill left, and judge."""
        again = 0
        try:
            found = answered_by_child(self._judge)
            wrong, again = compared(found, self._expected), found["again"]
        except ChildFailed as error:
            wrong = [f"failed: {error}"]
        return Trial(
            world=self._world.name,
            operation=self._operation.name,
            kind=kill.kind,
            name=kill.name,
            number=kill.number,
            ending=ending,
            wrong=wrong,
            again=again,
            seconds=round(time.monotonic() - began, 3),
        )

    def _notes(self, name: str) -> Path:
        return self._folder / f"{name}.journal"

    def _prepare(self) -> None:
        prepare(self._subject.settings)
        self._operation.prepare(self._scene("before"))

    def _undisturbed(self) -> dict[str, Any]:
        """Return what a run without a kill leads to; done here, so that children find it warm."""
        self._world.restore()
        with self._api():
            self._act(lambda: None)
        self._subject.disconnect()
        found = self._judge()
        self._subject.disconnect()
        gc.freeze()
        if found["wrong"]:
            raise AssertionError(f"{self._operation.name} undisturbed: {found['wrong']}")
        return found

    def _act(self, may_be_killed: Callable[[], None]) -> None:
        scene = self._scene("command")
        scene.journal.clear()
        self._operation.arrange(scene)
        may_be_killed()
        self._operation.act(scene)

    def _judge(self) -> dict[str, Any]:
        return aftermath(self._scene("command"), self._operation)

    def _scene(self, name: str) -> Scene:
        journal = Journal(self._notes(name))
        if name == "before":
            journal.clear()
        token = (self._world.data_dir / "admin.token").read_text().strip()
        client = Client(self._subject.app, token, journal)
        return Scene(subject=self._subject, client=client, journal=journal)

    @contextmanager
    def _api(self) -> Iterator[None]:
        """Serve the API in a process that lives on, where the operation needs one."""
        if not self._operation.needs_api:
            yield
            return
        bind = self._subject.settings.bind
        server = make_server(bind.host, bind.port, self._subject.app, threaded=True)
        pid = os.fork()
        if not pid:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            threading.Thread(target=server.serve_forever).run()
            os._exit(0)
        server.server_close()
        try:
            yield
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _each(kind: Kind, most: Counter[str]) -> list[Kill]:
    """Return every number of every name."""
    return [
        Kill(kind=kind, name=name, number=number + 1)
        for name, times in sorted(most.items())
        for number in range(times)
    ]
