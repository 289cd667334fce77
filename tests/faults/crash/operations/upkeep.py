"""What an operator starts: a rebuild, another key, a migration; and the sealing of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, update

from deploy.migrations import downgrade
from services.config_api import bootstrap
from services.config_api.read_model.rebuild import rebuild
from services.config_api.read_model.tables import connection_tests, smtp_settings
from tests.faults.crash.client import Request
from tests.faults.crash.history import all_events
from tests.faults.crash.operations.base import Operation, Scene, registered, tested

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAVES_OF_A_TILE = 256
_OLD_REVISION = "0002_service"


class Rebuild(Operation):
    """Rows that were altered and lost are made again from the events."""

    name = "rebuild"

    def prepare(self, scene: Scene) -> None:
        settings = [registered(f"tenant-{number}") for number in range(12)]
        scene.client.send_all([*settings, tested("tenant-1"), tested("tenant-2")])
        gone = delete(smtp_settings).where(smtp_settings.c.id == "tenant-3")
        altered = update(smtp_settings).where(smtp_settings.c.id == "tenant-4").values(version=9)
        with scene.subject.relaybook.engine.begin() as connection:
            for statement in (gone, altered, delete(connection_tests)):
                connection.execute(statement)

    def act(self, scene: Scene) -> None:
        rebuild(scene.subject.relaybook.engine, scene.subject.relaybook.store)


class Seal(Operation):
    """The log is sealed, grows and is sealed again, over the edge of a tile."""

    name = "sealing"

    @property
    def requests(self) -> Sequence[Request]:
        return [registered(f"late-{number}") for number in range(4)]

    def prepare(self, scene: Scene) -> None:
        scene.client.send_all([_imported(_LEAVES_OF_A_TILE - 20)])
        scene.subject.relaybook.log.sealer.begin().round()
        scene.client.send_all([_imported(0), *(registered(f"tenant-{n}") for n in range(14))])

    def act(self, scene: Scene) -> None:
        with scene.held("sealing"):
            sealing = scene.subject.relaybook.log.sealer.begin()
            sealing.round()
            scene.client.send_all(self.requests)
            sealing.round()


class Rotation(Operation):
    """Another master key wraps all tenants' keys; then another key signs the log."""

    name = "key rotation"

    @property
    def requests(self) -> Sequence[Request]:
        return [registered("after")]

    def prepare(self, scene: Scene) -> None:
        scene.client.send_all([registered(f"tenant-{number}") for number in range(6)])
        scene.subject.relaybook.log.sealer.begin().round()

    def act(self, scene: Scene) -> None:
        relaybook, ctx = scene.subject.relaybook, scene.subject.ctx()
        relaybook.keys.rotate(ctx, lambda _: None)
        relaybook.log.rotation.rotate(ctx)
        scene.client.send_all(self.requests)

    def resume(self, scene: Scene) -> None:
        """Look first, as an operator does: a rotation that is done is not asked for again."""
        relaybook, ctx = scene.subject.relaybook, scene.subject.ctx()
        types = {event.type for event in all_events(relaybook)}
        half_way = sum(key.needed or key.at_hand for key in relaybook.keys.status()) > 1
        if half_way or "key.rotated" not in types:
            relaybook.keys.rotate(ctx, lambda _: None)
        if "key.signing_rotated" not in types:
            relaybook.log.rotation.rotate(ctx)
        scene.client.send_all(self.requests)


class Migration(Operation):
    """A database of an earlier release gets the newest schema."""

    name = "migration"
    starts_itself = True

    def prepare(self, scene: Scene) -> None:
        scene.client.send_all([*(registered(f"tenant-{n}") for n in range(6)), tested("tenant-1")])
        scene.subject.relaybook.close()
        downgrade(scene.subject.settings.database_url, _OLD_REVISION)

    def act(self, scene: Scene) -> None:
        bootstrap.migrate(scene.subject.settings)


def _imported(number: int) -> Request:
    settings = [{"id": f"many-{n}", "host": "127.0.0.1"} for n in range(number)]
    return Request(
        method="POST",
        path="/v1/imports?mode=new&format=json",
        body={"relaybook": 1, "settings": settings},
    )
