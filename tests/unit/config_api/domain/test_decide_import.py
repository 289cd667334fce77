from __future__ import annotations

from events.smtp_setting import (
    SettingImported,
)
from tests.support.settings import (
    Given,
    a_draft,
    a_draft_without_password,
    delete,
    given_a_setting,
    import_by,
    replace_by,
)

PROXY = "mail.smtp.proxy.password"


def test_an_import_creates_a_setting() -> None:
    given = Given()
    (fact,) = given.when(import_by(a_draft(), mode="new"))

    assert isinstance(fact, SettingImported)
    assert (fact.import_id, fact.values.secret) == ("import-1", "stored")


def test_an_import_of_new_settings_leaves_one_that_exists() -> None:
    assert given_a_setting().when(import_by(a_draft(debug=True), mode="new")) == []


def test_an_import_of_new_settings_takes_a_deleted_one() -> None:
    given = given_a_setting()
    given.when(delete())

    assert len(given.when(import_by(a_draft(), mode="new"))) == 1


def test_an_import_that_changes_nothing_records_nothing() -> None:
    given = given_a_setting()

    assert given.when(import_by(a_draft_without_password())) == []
    assert given.when(import_by(a_draft(), same=frozenset({"password"}))) == []


def test_an_import_without_a_secret_requires_one() -> None:
    given = Given()
    given.when(import_by(a_draft_without_password()))

    assert (given.values.secret, given.values.secrets) == ("required", {})
    assert given.when(import_by(a_draft_without_password())) == []


def test_an_import_to_another_destination_drops_the_secret_and_requires_one() -> None:
    given = given_a_setting(session_properties={PROXY: "p"})
    given.when(import_by(a_draft_without_password(host="other.example")))

    assert (given.values.secret, given.values.secrets) == ("required", {})


def test_a_required_secret_stays_so_until_it_is_given() -> None:
    given = Given()
    given.when(import_by(a_draft_without_password()))
    given.when(replace_by(a_draft_without_password(debug=True)))
    then = given.values.secret
    given.when(replace_by(a_draft()))

    assert (then, given.values.secret) == ("required", "stored")


def test_a_required_secret_may_be_renounced() -> None:
    given = Given()
    given.when(import_by(a_draft_without_password()))
    given.when(replace_by(a_draft(auth={"password": None})))

    assert given.values.secret == "none"
