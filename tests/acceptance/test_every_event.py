"""Each type of event from the command to what readers and receivers see, on both set-ups."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from events.access import CredentialsRead
from events.bus.topology import CONNECTION_TEST_RESULTS, CONNECTION_TESTS
from events.bus.work import decode_work, work_outgoing
from events.catalogue import CATALOGUE
from events.connection_test import (
    ConnectionTestCancelled,
    ConnectionTestCompleted,
    ConnectionTestRequested,
)
from events.messages import TestDispatched
from events.smtp_setting import (
    DefaultProvisioned,
    DefaultWithdrawn,
    SecretRef,
    SettingDeleted,
    SettingImported,
    SettingRegistered,
    SettingRestored,
    SettingUpdated,
)
from events.transfer import ExportMade, ImportCompleted
from services.config_api.application.defaults import DefaultsSource
from services.config_api.application.exports import ExportRequest
from services.config_api.application.restoring import Restore
from services.config_api.domain.principal import Principal
from services.config_api.domain.secret import Secret
from services.config_api.formats.registry import FORMATS
from tests.acceptance.journey import Scene, listening
from tests.support.asking import a_report, register, request_test
from tests.support.relaybook import ALICE, eventually
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from services.config_api.domain.setting_fields import SettingDraft
    from tests.support.relaybook import House

FILE = b"""<?xml version="1.0" encoding="UTF-8"?>
<javamail-config>
  <smtp>
    <smtp-server id="globex" host="smtp.globex.example" port="25">
      <smtps enable="false" starttls="false"/>
    </smtp-server>
  </smtp>
</javamail-config>
"""


def test_a_registered_setting(scene: Scene) -> None:
    answer = register(scene.house)
    fact = scene.followed("smtp_setting.registered")
    assert isinstance(fact, SettingRegistered)
    assert fact.values.host == "smtp.acme.example"
    assert fact.values.secrets == {"password": SecretRef(id="acme/password", version=1)}
    assert scene.setting("acme") == answer.document


def test_an_updated_setting(scene: Scene) -> None:
    register(scene.house)
    service = scene.house.relaybook.smtp_settings
    answer = service.replace("acme", a_draft(x_mailer="Acme"), 1, scene.house.ctx())
    fact = scene.followed("smtp_setting.updated")
    assert isinstance(fact, SettingUpdated)
    assert fact.values.x_mailer == "Acme"
    assert scene.setting("acme") == answer.document
    assert answer.version == 2


def test_a_deleted_setting(scene: Scene) -> None:
    register(scene.house)
    scene.house.relaybook.smtp_settings.delete("acme", 1, scene.house.ctx())
    assert scene.followed("smtp_setting.deleted") == SettingDeleted(setting_id="acme")
    assert scene.setting("acme") is None


def test_an_imported_setting_and_its_import(scene: Scene) -> None:
    answer = scene.house.relaybook.imports.carry_out(
        FORMATS["javamail"].read(BytesIO(FILE)),
        format_name="javamail",
        mode="new",
        skip_invalid=False,
        ctx=scene.house.ctx(),
    )
    fact = scene.followed("smtp_setting.imported")
    assert isinstance(fact, SettingImported)
    assert (fact.setting_id, fact.import_id) == ("globex", answer.plan.import_id)
    document = scene.setting("globex")
    assert document is not None
    assert (document["host"], document["origin"]) == ("smtp.globex.example", "imported")
    completed = scene.followed("import.completed")
    assert isinstance(completed, ImportCompleted)
    assert completed.counts["create"] == 1


def test_a_restored_setting(scene: Scene) -> None:
    register(scene.house)
    settings = scene.house.relaybook.smtp_settings
    settings.replace("acme", a_draft(x_mailer="Acme"), 1, scene.house.ctx())
    asked = Restore(version=1, expected=2, given={})
    answer = settings.restore("acme", asked, scene.house.ctx())
    fact = scene.followed("smtp_setting.restored")
    assert isinstance(fact, SettingRestored)
    assert (fact.restored_version, fact.values.x_mailer) == (1, None)
    assert fact.values.secrets == {"password": SecretRef(id="acme/password", version=1)}
    assert scene.setting("acme") == answer.document


def test_a_provisioned_and_a_withdrawn_default(house: House) -> None:
    held = house.relaybook.duties.try_hold("defaults")  # its own relay has no file: it withdraws
    assert held is not None
    with listening(house) as ear, house.relay():
        scene = Scene(house, ear)
        reconcile(house, acme=a_draft())
        fact = scene.followed("smtp_setting.default_provisioned")
        assert isinstance(fact, DefaultProvisioned)
        assert fact.values.secrets == {"password": SecretRef(id="acme/password", version=1)}
        document = scene.setting("acme")
        assert document is not None
        assert (document["is_default"], document["origin"]) == (True, "default")
        reconcile(house)
        withdrawn = scene.followed("smtp_setting.default_withdrawn")
        assert withdrawn == DefaultWithdrawn(setting_id="acme")
        assert scene.setting("acme") is None
        held.release()


def reconcile(house: House, **drafts: SettingDraft) -> None:
    """Do what a start does with these settings in its defaults file."""
    source = DefaultsSource(lambda: drafts)
    replace(house.relaybook.defaults, source=source).reconcile()


def test_a_sealed_export_and_the_secrets_that_it_holds(scene: Scene) -> None:
    register(scene.house)
    asked = ExportRequest(ids=("acme",), format=FORMATS["json"], passphrase=Secret("a" * 12))
    keeper = Principal(actor=ALICE, roles=frozenset({"operator", "credentials"}))
    file = scene.house.relaybook.exports.make(asked, keeper, scene.house.ctx())
    assert sum(map(len, file.pieces())) == file.size
    file.close()
    made = scene.followed("export.made")
    assert isinstance(made, ExportMade)
    assert (made.format, made.sealed, made.setting_ids, made.count) == ("json", True, ("acme",), 1)
    assert scene.followed("access.credentials_read") == CredentialsRead(
        setting_id="acme", resolved_from="acme", setting_version=1, export_id=made.export_id
    )


def test_a_requested_connection_test_and_its_work(scene: Scene) -> None:
    register(scene.house)
    test_id = request_test(scene.house)
    fact = scene.followed("connection_test.requested")
    assert isinstance(fact, ConnectionTestRequested)
    assert (fact.test_id, fact.setting_version) == (test_id, 1)
    assert scene.test(test_id)["state"] == "queued"
    assert TestDispatched(test_id=test_id, attempt=1) in work_of(scene, test_id)


def work_of(scene: Scene, test_id: str) -> list[object]:
    """Take work messages as a tester does, until one names the test."""
    taken: list[object] = []
    consumer = scene.house.relaybook.bus.consumer(CONNECTION_TESTS, prefetch=1)

    def take(delivery: Any) -> None:
        work = decode_work(delivery.message)
        taken.append(work)
        delivery.ack()
        if isinstance(work, TestDispatched) and work.test_id == test_id:
            consumer.stop()

    consumer.run(take)
    return taken


def test_a_completed_connection_test(scene: Scene) -> None:
    register(scene.house)
    test_id = request_test(scene.house)
    scene.house.relaybook.connection_tests.claim(test_id, 1, scene.house.ctx(actor="token:t"))
    publisher = scene.house.relaybook.bus.publisher()
    report = work_outgoing(a_report(test_id), at=scene.house.watch())
    assert report.routing_key == CONNECTION_TEST_RESULTS
    publisher.publish([report])
    publisher.close()
    eventually(lambda: scene.test(test_id)["state"] == "completed")
    fact = scene.followed("connection_test.completed")
    assert isinstance(fact, ConnectionTestCompleted)
    assert (fact.test_id, fact.attempts, fact.result.code) == (test_id, 1, "ok")
    last = scene.house.relaybook.read_model.last_test("acme")
    assert last is not None
    assert last.id == test_id


def test_a_cancelled_connection_test(scene: Scene) -> None:
    register(scene.house)
    test_id = request_test(scene.house)
    scene.house.relaybook.connection_tests.cancel(test_id, scene.house.ctx())
    fact = scene.followed("connection_test.cancelled")
    assert fact == ConnectionTestCancelled(test_id=test_id)
    assert scene.test(test_id)["code"] == "cancelled"


def test_events_reach_receivers_in_the_order_of_the_log(scene: Scene) -> None:
    for number in range(30):
        register(scene.house, f"t{number}")
    eventually(lambda: scene.house.relaybook.cursors.load("bus") >= 30)
    log = [event.id for event in scene.house.relaybook.store.read_all(after=0, limit=100).events]
    eventually(lambda: set(log) <= set(scene.ear.heard))
    heard = [one for one in scene.ear.order if one in set(log)]
    assert list(dict.fromkeys(heard)) == log


def test_every_type_of_the_catalogue_has_its_journey_here() -> None:
    files = Path(__file__).parent.glob("test_every_*.py")
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    assert [name for name in CATALOGUE if f'"{name}"' not in text] == []
