"""After a kill: everything starts again, goes on to its end, and is compared with the model."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from events.bus.topology import CONNECTION_TESTS
from events.bus.work import decode_work
from events.messages import TestDispatched
from services.config_api.application.loading import load_setting
from services.config_api.application.relay.publishing import CURSOR
from services.config_api.application.sealed_log.continuity import SealingRefused
from services.config_api.bootstrap import check
from services.config_api.domain.errors import DomainError
from services.config_api.read_model.folding import fold_all
from services.config_api.read_model.operational_tables import test_work
from services.config_api.read_model.rebuild import PROJECTED
from services.config_api.read_model.tables import last_tests
from services.config_api.vault.errors import VaultError
from tests.faults.crash.client import Refused
from tests.faults.crash.history import all_events, differences, facts_of, torn
from tests.support.asking import a_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from events.bus.port import Delivery
    from events.envelope import RecordedEvent
    from tests.faults.crash.operations.base import Operation, Scene

_AWAY = timedelta(seconds=40)  # what was claimed is overdue, what nobody claimed is sent again
_PATIENCE_S = 240.0  # it takes a second, but the matrix may run behind all else
_DUTIES = ("publishing", "results", "overdue")


def aftermath(scene: Scene, operation: Operation) -> dict[str, Any]:
    """Start again, finish and examine; return the facts and what is wrong with them."""
    relaybook = scene.subject.relaybook
    scene.subject.read_keys()
    scene.subject.world.let_leases_lapse()
    scene.subject.clock.shift += _AWAY
    wrong = torn(relaybook, all_events(relaybook))
    if operation.starts_itself:
        operation.resume(scene)
        check(relaybook)
    relaybook.vault.check()
    try:
        operation.resume(scene)
    except Refused as error:  # what it builds on is not there
        wrong.append(f"lost: {error}")
    wrong += _come_to_rest(scene)
    wrong += [f"lost: {one}" for one in scene.client.contradictions(operation.requests)]
    events = all_events(relaybook)
    wrong += [*torn(relaybook, events), *_altered_rows(scene), *_closed_secrets(scene, events)]
    wrong += _unsealed(scene, len(events))
    received = scene.subject.world.received()
    wrong += unpublished(events, received)
    return {"wrong": wrong, "facts": facts_of(events), "again": len(received) - len(set(received))}


def compared(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Return everything that is wrong, measured by a run in which nothing was killed."""
    wrong: list[str] = found["wrong"]
    return [*wrong, *differences(expected["facts"], found["facts"])]


def unpublished(events: Sequence[RecordedEvent], received: Sequence[str]) -> list[str]:
    """Return what a receiver with an inbox lacks, has out of order or should not have."""
    first_seen = list(dict.fromkeys(received))
    stored = [event.id for event in events]
    if first_seen == stored:
        return []
    lacking = [f"unpublished: {e.stream} {e.version}" for e in events if e.id not in first_seen]
    phantoms = [f"lost: {one} was published" for one in first_seen if one not in stored]
    return [*lacking, *phantoms] or ["unpublished: out of order"]


def _come_to_rest(scene: Scene) -> list[str]:
    """Let relay and testers work until everything is published and every test has ended."""
    until = time.monotonic() + _PATIENCE_S
    with _at_work(scene):
        while left := _left(scene):
            if time.monotonic() > until:
                break
            time.sleep(0.02)
    return left


@contextmanager
def _at_work(scene: Scene) -> Iterator[None]:
    """Run the relay and a tester meanwhile."""
    stop = Event()
    relay = scene.subject.relaybook.relay
    chosen = [one for one in relay.duty_list if one.name in _DUTIES]
    tester = scene.subject.relaybook.bus.consumer(CONNECTION_TESTS, prefetch=8)
    threads = (
        Thread(target=replace(relay, duty_list=chosen).run, args=(stop,), daemon=True),
        Thread(target=tester.run, args=(lambda one: _attend(scene, one),), daemon=True),
    )
    for thread in threads:
        thread.start()
    yield
    if scene.subject.is_parent:
        stop.set()
        tester.stop()
        for thread in threads:
            thread.join()


def _left(scene: Scene) -> list[str]:
    relaybook = scene.subject.relaybook
    with relaybook.read_engine.connect() as connection:
        tests = connection.execute(select(func.count()).select_from(test_work)).scalar_one()
    behind = relaybook.store.read_all(after=relaybook.cursors.load(CURSOR), limit=1).events
    return [f"unended: {tests} tests"] * bool(tests) + ["unpublished: the relay"] * bool(behind)


def _attend(scene: Scene, delivery: Delivery) -> None:
    """Do what a tester does, with the same result each time."""
    work = decode_work(delivery.message)
    assert isinstance(work, TestDispatched)
    token = (scene.subject.world.data_dir / "tester.token").read_text().strip()
    answer = scene.subject.app.test_client().post(
        f"/v1/connection-tests/{work.test_id}/claim",
        data=json.dumps({"attempt": work.attempt}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    if answer.status_code == 200:
        scene.publish(a_report(work.test_id, work.attempt))
    delivery.ack()


def _altered_rows(scene: Scene) -> list[str]:
    """Return the rows of the read model that the events do not tell so."""
    relaybook, wrong = scene.subject.relaybook, []
    told = fold_all(relaybook.store.scan())
    with relaybook.read_engine.connect() as connection:
        for table in (*PROJECTED, last_tests):
            (key,) = (column.name for column in table.primary_key)
            rows = {row[key]: dict(row) for row in connection.execute(select(table)).mappings()}
            if rows != {row[key]: dict(row) for row in told.rows(table)}:
                wrong.append(f"torn: rows of {table.name} differ from the events")
    return wrong


def _closed_secrets(scene: Scene, events: Sequence[RecordedEvent]) -> list[str]:
    """Return the settings whose secret does not open."""
    relaybook, wrong = scene.subject.relaybook, []
    for stream in {event.stream for event in events if event.stream.startswith("smtp_setting-")}:
        setting_id = stream.partition("-")[2]
        values = load_setting(relaybook.store, setting_id).values
        for ref in values.secrets.values() if values else ():
            try:
                relaybook.vault.open(setting_id, ref)
            except (VaultError, DomainError) as error:
                wrong.append(f"lost: the secret of {setting_id}: {error!r}")
    return wrong


def _unsealed(scene: Scene, size: int) -> list[str]:
    log = scene.subject.relaybook.log
    try:
        log.sealer.begin().round()
        head, _ = log.continuity.taken_up()
    except SealingRefused as error:
        return [f"torn: {error}"]
    sealed = 0 if head is None else head.size
    return [] if sealed == size else [f"unsealed: {sealed} of {size}"]
