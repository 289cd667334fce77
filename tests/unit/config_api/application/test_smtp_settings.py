from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from events.store.port import AddRow, Overtaken, RowExists
from services.config_api.application.changing import TRIES
from services.config_api.application.loading import load_setting
from services.config_api.domain.errors import (
    SecretRequired,
    SettingExists,
    SettingNotFound,
    StaleVersion,
)
from services.config_api.read_model.operational_tables import idempotent_answers
from services.config_api.read_model.tables import smtp_settings
from tests.support.handlers import NOON, Desk
from tests.support.settings import a_draft, some_fields, without_password

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.store.port import RowWrite
    from services.config_api.application.context import Answer, Context


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def acme(desk: Desk) -> Desk:
    desk.smtp_settings.register("acme", a_draft(), desk.ctx())
    return desk


def keeping(desk: Desk, key: str) -> Context:
    def remember(answer: Answer) -> Sequence[RowWrite]:
        values = {
            "principal": "user:alice",
            "method": "PUT",
            "path": "/",
            "key": key,
            "body": str(answer.version).encode(),
        }
        return (AddRow(table=idempotent_answers, values=values),)

    return replace(desk.ctx(), remember=remember)


def test_registering_writes_event_row_and_secret_together(desk: Desk) -> None:
    answer = desk.smtp_settings.register("acme", a_draft(), desk.ctx())
    (row,) = desk.store.rows(smtp_settings)
    assert desk.types() == ["smtp_setting.registered"]
    assert json.loads(row["document"]) == answer.document
    assert row["version"] == answer.version == 1
    assert desk.secret_texts() == {("acme/password", 1): "correct horse"}


def test_the_answer_tells_who_and_when_and_no_secret(desk: Desk) -> None:
    document = desk.smtp_settings.register("acme", a_draft(), desk.ctx()).document
    assert document is not None
    assert document["updated_by"] == "user:alice"
    assert document["created_at"] == NOON.isoformat().replace("+00:00", "Z")
    assert document["secret"] == "stored"
    assert "correct horse" not in json.dumps(document)


def test_a_change_wakes_the_relay(acme: Desk) -> None:
    assert acme.wakeup.signals == 1


def test_an_id_that_is_taken_is_refused(acme: Desk) -> None:
    with pytest.raises(SettingExists):
        acme.smtp_settings.register("acme", a_draft(), acme.ctx())


def test_two_who_register_at_once_do_not_both_succeed(desk: Desk) -> None:
    other = Desk(store=desk.store)
    desk.store.before_append = [
        lambda: other.smtp_settings.register("acme", a_draft(), other.ctx())
    ]
    with pytest.raises(SettingExists):
        desk.smtp_settings.register("acme", a_draft(), desk.ctx())


def test_a_stale_version_is_refused(acme: Desk) -> None:
    acme.smtp_settings.replace("acme", a_draft(x_mailer="one"), 1, acme.ctx())
    with pytest.raises(StaleVersion) as refused:
        acme.smtp_settings.replace("acme", a_draft(x_mailer="two"), 1, acme.ctx())
    assert (refused.value.expected, refused.value.actual) == (1, 2)


def test_a_version_that_grows_stale_while_deciding_is_refused(acme: Desk) -> None:
    acme.store.before_append = [
        lambda: acme.smtp_settings.replace("acme", a_draft(x_mailer="one"), 1, acme.ctx())
    ]
    with pytest.raises(StaleVersion):
        acme.smtp_settings.replace("acme", a_draft(x_mailer="two"), 1, acme.ctx())


def test_what_was_seen_is_decided_from_without_another_look(
    acme: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = acme.smtp_settings.current("acme")
    monkeypatch.setattr(acme.store, "read_stream", None)
    answer = acme.smtp_settings.patch("acme", {"x_mailer": "one"}, 1, acme.ctx(), seen)
    assert answer.version == 2


def test_what_was_seen_before_this_process_changed_it_is_out_of_date(acme: Desk) -> None:
    seen = acme.smtp_settings.current("acme")
    acme.smtp_settings.patch("acme", {"x_mailer": "one"}, None, acme.ctx())
    with pytest.raises(StaleVersion):
        acme.smtp_settings.patch("acme", {"x_mailer": "two"}, 1, acme.ctx(), seen)
    answer = acme.smtp_settings.patch(
        "acme", {"connection_timeout_ms": 30_000}, None, acme.ctx(), seen
    )
    assert answer.version == 3
    assert answer.document is not None
    assert answer.document["x_mailer"] == "one"


def test_what_was_seen_before_another_process_changed_it_is_out_of_date(acme: Desk) -> None:
    seen = acme.smtp_settings.current("acme")
    other = Desk(store=acme.store)
    other.smtp_settings.patch("acme", {"x_mailer": "one"}, None, other.ctx())
    with pytest.raises(StaleVersion):
        acme.smtp_settings.patch("acme", {"x_mailer": "two"}, 1, acme.ctx(), seen)
    answer = acme.smtp_settings.replace("acme", a_draft(x_mailer="three"), None, acme.ctx(), seen)
    assert answer.version == 3
    with pytest.raises(StaleVersion):
        acme.smtp_settings.delete("acme", 1, acme.ctx(), seen)


def test_any_version_is_decided_again_when_somebody_was_faster(acme: Desk) -> None:
    acme.store.before_append = [
        lambda: acme.smtp_settings.replace("acme", a_draft(x_mailer="one"), 1, acme.ctx())
    ]
    answer = acme.smtp_settings.replace("acme", a_draft(x_mailer="two"), None, acme.ctx())
    assert answer.version == 3
    assert answer.document is not None
    assert answer.document["x_mailer"] == "two"


def test_any_version_gets_its_turn_among_twenty(acme: Desk) -> None:
    def somebody_else(number: int) -> None:
        draft = a_draft(x_mailer=f"other {number}")
        Desk(store=acme.store).smtp_settings.replace("acme", draft, None, acme.ctx())

    for number in range(20):
        acme.store.before_append += [partial(somebody_else, number), lambda: None]
    answer = acme.smtp_settings.replace("acme", a_draft(x_mailer="mine"), None, acme.ctx())
    assert answer.version == 22


def test_a_command_that_is_always_too_late_gives_up(acme: Desk) -> None:
    numbers = iter(range(TRIES))

    def somebody_else() -> None:
        draft = a_draft(x_mailer=f"other {next(numbers)}")
        Desk(store=acme.store).smtp_settings.replace("acme", draft, None, acme.ctx())

    # Each append of ours is overtaken; the other's own appends take the fillers.
    acme.store.before_append = [somebody_else, lambda: None] * TRIES
    with pytest.raises(Overtaken):
        acme.smtp_settings.replace("acme", a_draft(x_mailer="mine"), None, acme.ctx())


def test_a_change_that_changes_nothing_records_nothing(acme: Desk) -> None:
    answer = acme.smtp_settings.replace("acme", a_draft(), 1, acme.ctx())
    assert answer.version == 1
    assert acme.types() == ["smtp_setting.registered"]


def test_the_answer_of_a_change_that_changes_nothing_is_kept_too(acme: Desk) -> None:
    acme.smtp_settings.replace("acme", a_draft(), 1, keeping(acme, "k1"))
    (row,) = acme.written
    assert isinstance(row, AddRow)
    assert row.values["body"] == b"1"


def test_the_kept_answer_is_in_the_same_append(acme: Desk) -> None:
    acme.smtp_settings.replace("acme", a_draft(x_mailer="m"), 1, keeping(acme, "k1"))
    (row,) = acme.store.rows(idempotent_answers)
    assert row["body"] == b"2"
    assert acme.written == []


def test_a_key_that_was_used_refuses_the_whole_command(acme: Desk) -> None:
    acme.smtp_settings.replace("acme", a_draft(x_mailer="one"), 1, keeping(acme, "k1"))
    with pytest.raises(RowExists):
        acme.smtp_settings.replace("acme", a_draft(x_mailer="two"), 2, keeping(acme, "k1"))
    assert acme.types() == ["smtp_setting.registered", "smtp_setting.updated"]


def test_a_password_that_is_sent_again_is_no_change(acme: Desk) -> None:
    acme.smtp_settings.replace("acme", a_draft(x_mailer="m"), 1, acme.ctx())
    assert acme.secret_texts() == {("acme/password", 1): "correct horse"}


def test_a_new_password_is_sealed_under_the_next_version_and_the_old_one_stays(acme: Desk) -> None:
    acme.smtp_settings.replace("acme", a_draft(auth={"password": "battery"}), 1, acme.ctx())
    assert acme.secret_texts() == {
        ("acme/password", 1): "correct horse",
        ("acme/password", 2): "battery",
    }


def test_another_host_without_the_password_is_refused(acme: Desk) -> None:
    fields = without_password(some_fields(host="evil.example"))
    with pytest.raises(SecretRequired):
        acme.smtp_settings.patch("acme", fields, 1, acme.ctx())
    assert acme.types() == ["smtp_setting.registered"]


def test_a_patch_changes_only_what_it_names(acme: Desk) -> None:
    answer = acme.smtp_settings.patch("acme", {"timeout_ms": None}, 1, acme.ctx())
    assert answer.document is not None
    assert answer.document["timeout_ms"] is None
    assert answer.document["host"] == "smtp.acme.example"
    assert answer.document["secret"] == "stored"


def test_a_patch_without_properties_removes_the_secret_ones_too(desk: Desk) -> None:
    properties = {"mail.smtp.from": "a@acme.example", "mail.smtp.proxy.password": "battery"}
    desk.smtp_settings.register("acme", a_draft(session_properties=properties), desk.ctx())
    answer = desk.smtp_settings.patch("acme", {"session_properties": None}, 1, desk.ctx())
    assert answer.document is not None
    assert answer.document["session_properties"] == {}
    values = load_setting(desk.store, "acme").values
    assert values is not None
    assert set(values.secrets) == {"password"}


def test_a_wrong_patch_of_a_stale_version_is_stale_first(acme: Desk) -> None:
    with pytest.raises(StaleVersion):
        acme.smtp_settings.patch("acme", {"port": "many"}, 7, acme.ctx())


def test_a_version_can_be_required_before_a_body_is_read(acme: Desk) -> None:
    acme.smtp_settings.require_version("acme", 1)
    with pytest.raises(StaleVersion):
        acme.smtp_settings.require_version("acme", 2)
    with pytest.raises(SettingNotFound):
        acme.smtp_settings.require_version("nobody", None)


def test_deleting_takes_the_row_and_leaves_the_secret_for_a_restore(acme: Desk) -> None:
    answer = acme.smtp_settings.delete("acme", 1, acme.ctx())
    assert (answer.document, answer.version) == (None, 2)
    assert acme.store.rows(smtp_settings) == []
    assert acme.secret_texts() == {("acme/password", 1): "correct horse"}


def test_versions_count_on_through_deletion_and_new_registration(acme: Desk) -> None:
    acme.smtp_settings.delete("acme", 1, acme.ctx())
    answer = acme.smtp_settings.register("acme", a_draft(), acme.ctx())
    assert answer.version == 3
    assert ("acme/password", 2) in acme.secret_texts()


def test_what_is_not_there_cannot_be_changed(desk: Desk) -> None:
    with pytest.raises(SettingNotFound):
        desk.smtp_settings.delete("acme", None, desk.ctx())
    with pytest.raises(SettingNotFound):
        desk.smtp_settings.patch("acme", {}, None, desk.ctx())
