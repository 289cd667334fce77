from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from events.catalogue import decode
from events.store.port import VersionConflict
from events.transfer import ImportCompleted
from services.config_api.domain.errors import ImportInvalid
from services.config_api.domain.field_errors import FieldError
from services.config_api.formats.port import ReadItem
from services.config_api.read_model.tables import smtp_settings
from tests.support.handlers import Desk
from tests.support.settings import a_draft, some_fields, without_password

if TYPE_CHECKING:
    from services.config_api.application.imports import ImportPlan


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.smtp_settings.register("acme", a_draft(), desk.ctx())
    return desk


def an_item(setting_id: str, **changes: Any) -> ReadItem:
    return ReadItem(setting_id=setting_id, fields=some_fields(**changes))


def carried_out(desk: Desk, *items: ReadItem, **changes: Any) -> ImportPlan:
    asked: dict[str, Any] = {"format_name": "javamail", "mode": "update", "skip_invalid": False}
    return desk.imports.carry_out(items, ctx=desk.ctx(), **(asked | changes)).plan


def actions(plan: ImportPlan) -> dict[str, str]:
    return {item.id: item.action for item in plan.items}


def test_a_plan_says_what_becomes_of_each_and_writes_nothing(desk: Desk) -> None:
    items = [an_item("acme", x_mailer="m"), an_item("globex"), an_item("bad id")]
    plan = desk.imports.plan(items, mode="update", ctx=desk.ctx())
    assert actions(plan) == {"acme": "overwrite", "globex": "create", "bad id": "invalid"}
    assert plan.counts == {
        "create": 1,
        "overwrite": 1,
        "unchanged": 0,
        "skip": 0,
        "invalid": 1,
    }
    assert desk.types() == ["smtp_setting.registered"]


def test_a_plan_shows_changes_field_by_field(desk: Desk) -> None:
    plan = desk.imports.plan([an_item("acme", port=465)], mode="update", ctx=desk.ctx())
    (item,) = plan.items
    assert {"path": "/port", "before": 587, "after": 465} in item.changes


def test_a_plan_never_shows_a_secret(desk: Desk) -> None:
    items = [an_item("globex", auth={"password": "swordfish"})]
    plan = desk.imports.plan(items, mode="update", ctx=desk.ctx())
    text = "".join(plan.texts("en"))
    assert "/auth/password" in text
    assert "swordfish" not in text


def test_mode_new_leaves_what_is_there_alone(desk: Desk) -> None:
    plan = carried_out(desk, an_item("acme", x_mailer="m"), an_item("globex"), mode="new")
    assert actions(plan) == {"acme": "skip", "globex": "create"}
    assert desk.types() == ["smtp_setting.registered", "smtp_setting.imported", "import.completed"]


def test_what_the_file_says_already_is_unchanged(desk: Desk) -> None:
    assert actions(carried_out(desk, an_item("acme"))) == {"acme": "unchanged"}
    assert desk.types() == ["smtp_setting.registered", "import.completed"]


def test_an_import_is_one_append_with_rows_secrets_and_its_own_event(desk: Desk) -> None:
    plan = carried_out(desk, an_item("globex", auth={"password": "swordfish"}))
    rows = {row["id"]: json.loads(row["document"]) for row in desk.store.rows(smtp_settings)}
    assert rows["globex"]["origin"] == "imported"
    assert desk.secret_texts()["globex/password", 1] == "swordfish"
    fact = decode(desk.store.read_stream(f"import-{plan.import_id}")[0])
    assert isinstance(fact, ImportCompleted)
    assert fact.counts == plan.counts


def test_one_invalid_item_refuses_the_whole_file_and_the_plan_names_all(desk: Desk) -> None:
    broken = ReadItem(
        setting_id="initech", fields=None, errors=(FieldError(pointer="/port", code="wrong_type"),)
    )
    items = [an_item("globex"), broken, an_item("hooli", port=99_999)]
    with pytest.raises(ImportInvalid) as refused:
        carried_out(desk, *items)
    plan: ImportPlan = refused.value.plan
    assert actions(plan) == {"globex": "create", "initech": "invalid", "hooli": "invalid"}
    assert desk.types() == ["smtp_setting.registered"]


def test_invalid_items_can_be_left_out(desk: Desk) -> None:
    plan = carried_out(desk, an_item("globex"), an_item("no good"), skip_invalid=True)
    assert plan.counts["invalid"] == 1
    assert desk.types()[1:] == ["smtp_setting.imported", "import.completed"]


def test_an_id_that_occurs_twice_is_invalid(desk: Desk) -> None:
    plan = desk.imports.plan(
        [an_item("globex"), an_item("globex", port=465)], mode="update", ctx=desk.ctx()
    )
    first, second = plan.items
    assert (first.action, second.action) == ("create", "invalid")
    (problem,) = plan.document("ja", most=10)["items"][1]["problems"]
    assert problem["pointer"] == "/id"
    assert "複数" in problem["detail"]


def test_a_file_without_secrets_keeps_one_whose_destination_is_unchanged(desk: Desk) -> None:
    fields = without_password(some_fields(x_mailer="m"))
    carried_out(desk, ReadItem(setting_id="acme", fields=fields))
    (row,) = desk.store.rows(smtp_settings)
    assert json.loads(row["document"])["secret"] == "stored"


def test_a_file_that_moves_the_destination_drops_the_secret(desk: Desk) -> None:
    fields = without_password(some_fields(host="other.example"))
    carried_out(desk, ReadItem(setting_id="acme", fields=fields))
    (row,) = desk.store.rows(smtp_settings)
    assert json.loads(row["document"])["secret"] == "required"


def test_a_setting_that_was_changed_meanwhile_refuses_the_import(desk: Desk) -> None:
    other = Desk(store=desk.store)
    desk.store.before_append = [
        lambda: other.smtp_settings.replace("acme", a_draft(x_mailer="o"), None, other.ctx()),
    ]
    with pytest.raises(VersionConflict):
        carried_out(desk, an_item("globex"), an_item("acme", x_mailer="m"))
    assert desk.types() == ["smtp_setting.registered", "smtp_setting.updated"]


def test_names_without_a_field_are_listed_once(desk: Desk) -> None:
    items = [
        ReadItem(setting_id=name, fields=some_fields(), ignored=("pool", "pool", "socket"))
        for name in ("globex", "hooli")
    ]
    plan = desk.imports.plan(items, mode="update", ctx=desk.ctx())
    assert plan.ignored == ("pool", "socket")


def test_a_plan_is_one_json_text_whatever_it_holds(desk: Desk) -> None:
    items = [an_item("globex", x_mailer="メール"), an_item("globex"), an_item("no good")]
    plan = desk.imports.plan(items, mode="update", ctx=desk.ctx())
    for language in ("en", "ja"):
        told = json.loads("".join(plan.texts(language)))
        assert told == plan.document(language, most=len(items))
    empty = desk.imports.plan([], mode="update", ctx=desk.ctx())
    assert json.loads("".join(empty.texts("en")))["items"] == []


def test_only_the_first_items_of_a_plan_are_shown_where_that_is_asked_for(desk: Desk) -> None:
    items = [an_item(f"t{number}") for number in range(600)]
    plan = desk.imports.plan(items, mode="update", ctx=desk.ctx())
    shown = plan.document("en", most=2)
    assert [item["id"] for item in shown["items"]] == ["t0", "t1"]
    assert shown["counts"]["create"] == len(plan.items) == 600


def test_an_item_with_a_wrong_id_is_told_what_else_is_wrong(desk: Desk) -> None:
    items = [an_item("globex"), an_item("globex", port=99_999)]
    plan = desk.imports.plan(items, mode="update", ctx=desk.ctx())
    assert [one.pointer for one in list(plan.items)[1].problems] == ["/id", "/port"]


def test_an_import_asks_the_store_and_the_vault_once_a_chunk(desk: Desk) -> None:
    asked: list[str] = []

    def counted(owner: object, name: str) -> None:
        inner = getattr(owner, name)

        def call(*args: Any, **more: Any) -> Any:
            asked.append(name)
            return inner(*args, **more)

        setattr(owner, name, call)

    for owner, names in (
        (desk.store, ("read_streams",)),
        (desk.secrets, ("prepare", "seal", "seal_all", "open", "open_all", "holds", "held")),
    ):
        for name in names:
            counted(owner, name)
    items = [an_item(f"t{number}") for number in range(400)]
    desk.imports.plan(items, mode="update", ctx=desk.ctx())
    assert sorted(asked) == ["open_all", *["read_streams"] * 4]
