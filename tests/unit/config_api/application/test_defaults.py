from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from events.store.port import StoreUnavailable
from services.config_api.application.defaults import Defaults, DefaultsSource, Reconciled
from services.config_api.domain.errors import DefaultProtected
from services.config_api.read_model.tables import smtp_settings
from tests.support.handlers import Desk
from tests.support.settings import a_draft, a_draft_without_password

if TYPE_CHECKING:
    from services.config_api.domain.setting_fields import SettingDraft

PROVISIONED = "smtp_setting.default_provisioned"
WITHDRAWN = "smtp_setting.default_withdrawn"
DELETED = "smtp_setting.deleted"


@pytest.fixture
def desk() -> Desk:
    return Desk(drafts={"acme": a_draft(), "default": a_draft_without_password()})


def document(desk: Desk, setting_id: str = "acme") -> dict[str, Any]:
    (row,) = (row for row in desk.store.rows(smtp_settings) if row["id"] == setting_id)
    read: dict[str, Any] = json.loads(row["document"])
    return read


def with_file(desk: Desk, **drafts: SettingDraft) -> Defaults:
    """Return the defaults of a process that starts later, with another file."""
    return Defaults(
        store=desk.store,
        secrets=desk.secrets,
        wakeup=desk.wakeup,
        clock=desk.defaults.clock,
        known=desk.defaults.known,
        source=DefaultsSource(lambda: drafts),
    )


def test_what_the_file_holds_is_provisioned_with_its_secrets(desk: Desk) -> None:
    assert desk.defaults.reconcile() == Reconciled(provisioned=2, withdrawn=0)
    assert desk.types() == [PROVISIONED, PROVISIONED]
    assert document(desk)["is_default"] is True
    assert document(desk)["updated_by"] == "system:defaults"
    assert desk.secret_texts() == {("acme/password", 1): "correct horse"}
    assert desk.wakeup.signals == 1


def test_a_second_start_with_the_same_file_records_nothing(desk: Desk) -> None:
    desk.defaults.reconcile()

    assert desk.defaults.reconcile() == Reconciled()
    assert len(desk.types()) == 2


def test_what_left_the_file_is_withdrawn_and_what_differs_is_changed(desk: Desk) -> None:
    desk.defaults.reconcile()
    later = with_file(desk, acme=a_draft(x_mailer="new"))

    assert later.reconcile() == Reconciled(provisioned=1, withdrawn=1)
    assert document(desk)["x_mailer"] == "new"
    assert [row["id"] for row in desk.store.rows(smtp_settings)] == ["acme"]
    assert desk.secret_texts() == {("acme/password", 1): "correct horse"}


def test_without_a_file_all_defaults_are_withdrawn(desk: Desk) -> None:
    desk.defaults.reconcile()

    assert with_file(desk).reconcile() == Reconciled(withdrawn=2)
    assert desk.store.rows(smtp_settings) == []


def test_settings_of_administrators_are_left_alone(desk: Desk) -> None:
    desk.smtp_settings.register("acme", a_draft(host="own.example"), desk.ctx())
    desk.smtp_settings.register("globex", a_draft(), desk.ctx())

    assert desk.defaults.reconcile() == Reconciled(provisioned=1)
    assert document(desk)["host"] == "own.example"


def test_two_processes_that_start_at_once_provision_once(desk: Desk) -> None:
    other = Desk(store=desk.store, drafts=desk.drafts)
    desk.store.before_append = [other.defaults.reconcile]

    assert desk.defaults.reconcile() == Reconciled()
    assert desk.types() == [PROVISIONED, PROVISIONED]


def test_an_administrator_who_is_faster_than_the_start_wins(desk: Desk) -> None:
    own = a_draft(host="own.example")
    desk.store.before_append = [lambda: desk.smtp_settings.register("acme", own, desk.ctx())]

    assert desk.defaults.reconcile() == Reconciled(provisioned=1)
    assert document(desk)["host"] == "own.example"


def test_a_reconciliation_that_is_always_too_late_gives_up(desk: Desk) -> None:
    def somebody_else() -> None:
        desk.store.before_append = []
        other = Desk(store=desk.store)
        other.smtp_settings.register("acme", a_draft(), other.ctx())
        other.smtp_settings.delete("acme", None, other.ctx())
        desk.store.before_append = [somebody_else]

    desk.store.before_append = [somebody_else]
    with pytest.raises(StoreUnavailable):
        desk.defaults.reconcile()
    assert PROVISIONED not in desk.types()


def test_more_defaults_than_one_reading_takes(desk: Desk) -> None:
    many = {f"t{number}": a_draft_without_password() for number in range(1_001)}

    assert with_file(desk, **many).reconcile() == Reconciled(provisioned=1_001)


# administrators


def test_a_default_is_protected_until_it_is_changed(desk: Desk) -> None:
    desk.defaults.reconcile()
    with pytest.raises(DefaultProtected):
        desk.smtp_settings.delete("acme", None, desk.ctx())
    desk.smtp_settings.patch("acme", {"debug": True}, None, desk.ctx())

    assert (document(desk)["is_default"], document(desk)["origin"]) == (False, "default")


def test_a_deleted_setting_gives_way_to_its_default_in_one_append(desk: Desk) -> None:
    desk.smtp_settings.register("acme", a_draft(host="own.example"), desk.ctx())
    answer = desk.smtp_settings.delete("acme", 1, desk.ctx())

    assert desk.types()[1:] == [DELETED, PROVISIONED]
    assert document(desk) == answer.document
    assert (document(desk)["is_default"], document(desk)["version"]) == (True, 3)
    assert desk.secret_texts()[("acme/password", 2)] == "correct horse"
    assert desk.wakeup.signals == 2


def test_a_deleted_setting_that_the_file_does_not_hold_is_gone(desk: Desk) -> None:
    desk.smtp_settings.register("globex", a_draft(), desk.ctx())
    answer = desk.smtp_settings.delete("globex", 1, desk.ctx())

    assert (answer.document, answer.version) == (None, 2)
    assert desk.types()[1:] == [DELETED]


def test_the_warnings_of_a_file_are_told_by_setting(desk: Desk) -> None:
    odd = a_draft(session_properties={"mail.smtp.nonsense": "1"})
    ((setting_id, sentence),) = with_file(desk, acme=odd).warnings()

    assert setting_id == "acme"
    assert "mail.smtp.nonsense" in sentence


def test_the_file_is_read_once_a_process() -> None:
    readings: list[int] = []

    def read() -> dict[str, SettingDraft]:
        readings.append(1)
        return {}

    source = DefaultsSource(read)
    assert source.drafts() == source.drafts() == {}
    assert len(readings) == 1
