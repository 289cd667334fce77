"""The service as the parent of all kills has it: built once, connected to nothing.

Every child that is forked from it connects anew, as a program does that was just started, without
the seconds that starting takes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from events.envelope import Cause
from services.config_api.application.context import Context
from services.config_api.bootstrap import build
from services.config_api.http.app import create_app
from services.config_api.settings import read_settings
from services.config_api.vault.key_ring import KeyRing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from services.config_api.bootstrap import Relaybook
    from services.config_api.settings import Settings
    from tests.faults.crash.world import World

DEADLINE_MS = 5_000


@dataclass
class ShiftedClock:
    """The present moment, put forward where time shall have passed."""

    shift: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.shift


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A world and the service on it."""

    world: World
    settings: Settings
    clock: ShiftedClock
    relaybook: Relaybook
    app: Flask
    environment: Mapping[str, str]
    parent: int

    @property
    def is_parent(self) -> bool:
        """True in the process from which all children are forked."""
        return os.getpid() == self.parent

    def read_keys(self) -> None:
        """Know no other master keys than those in the file, as after a start."""
        path = self.settings.master_key_path
        self.relaybook.vault.ring.__init__(KeyRing.from_file(path).keys, file=path)  # type: ignore[misc]  # anew in its place

    def disconnect(self) -> None:
        """Be as it was built, but for what it compiled: nothing is connected, no thread runs."""
        relaybook = self.relaybook
        wakeup: Any = relaybook.wakeup
        wakeup.close()
        wakeup.__init__(getattr(wakeup, "_path", None) or wakeup._engine)
        relaybook.engine.dispose()
        relaybook.read_engine.dispose()
        self.clock.shift = timedelta()

    def ctx(self) -> Context:
        """Return the context of what an operator does on the host."""
        return Context(cause=Cause.by_system("operator"), at=self.clock())


def subject_of(world: World, *, api_port: int) -> Subject:
    """Return the service on a world; nothing is connected."""
    environment = {
        "RELAYBOOK_DATA_DIR": str(world.data_dir),
        "RELAYBOOK_DATABASE_URL": world.database_url,
        "RELAYBOOK_BROKER_URL": world.broker_url or "",
        "RELAYBOOK_MASTER_KEY_FILE": str(world.data_dir / "master.key"),
        "RELAYBOOK_CHECKPOINT_FILE": str(world.data_dir / "log.checkpoint"),
        "RELAYBOOK_PROBE_ALLOW": "127.0.0.1/32:*",
        "RELAYBOOK_PROBE_DEADLINE_MS": str(DEADLINE_MS),
        "RELAYBOOK_TEST_RATE": "off",
        "RELAYBOOK_BIND": f"127.0.0.1:{api_port}",
        "RELAYBOOK_URL": f"http://127.0.0.1:{api_port}",
    }
    settings = read_settings(environment)
    clock = ShiftedClock()
    relaybook = build(settings, clock=clock)
    return Subject(
        world=world,
        settings=settings,
        clock=clock,
        relaybook=relaybook,
        app=create_app(relaybook),
        environment=environment,
        parent=os.getpid(),
    )
