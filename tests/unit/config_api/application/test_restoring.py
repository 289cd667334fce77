from __future__ import annotations

from typing import Any

import pytest

from events.smtp_setting import SecretRef
from services.config_api.application.loading import load_setting
from services.config_api.application.restoring import Restore
from services.config_api.domain.errors import (
    InvalidRestore,
    PastSecretRequired,
    SettingThere,
    StaleVersion,
)
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_commands import Absent, AnyVersion
from tests.support.handlers import Desk
from tests.support.settings import a_draft

RESTORED = "smtp_setting.restored"


@pytest.fixture
def moved() -> Desk:
    """A setting that went to another host with another password."""
    desk = Desk()
    desk.smtp_settings.register("acme", a_draft(), desk.ctx())
    draft = a_draft(host="other.example", auth={"password": "other"})
    desk.smtp_settings.replace("acme", draft, 1, desk.ctx())
    return desk


def asked(version: int, *, expected: Any = AnyVersion.ANY, **given: str | None) -> Restore:
    secrets = {name: None if text is None else Secret(text) for name, text in given.items()}
    return Restore(version=version, expected=expected, given=secrets)


def restore(desk: Desk, *args: Any, **more: Any) -> dict[str, Any]:
    answer = desk.smtp_settings.restore("acme", asked(*args, **more), desk.ctx())
    assert answer.document is not None
    return answer.document


def password_of(desk: Desk) -> str:
    values = load_setting(desk.store, "acme").values
    assert values is not None
    return desk.secrets.open("acme", values.secrets["password"]).reveal()


def test_an_earlier_version_comes_back_with_the_password_it_had(moved: Desk) -> None:
    document = restore(moved, 1, expected=2)

    assert (document["host"], document["version"]) == ("smtp.acme.example", 3)
    assert password_of(moved) == "correct horse"
    assert moved.types()[-1] == RESTORED
    assert len(moved.secret_texts()) == 2


def test_another_password_is_sealed_as_a_new_version(moved: Desk) -> None:
    restore(moved, 1, password="fresh")

    assert password_of(moved) == "fresh"
    assert moved.secret_texts()[("acme/password", 3)] == "fresh"


@pytest.mark.parametrize("text", ["correct horse", "other"])
def test_a_password_that_is_stored_already_is_not_stored_again(moved: Desk, text: str) -> None:
    restore(moved, 1, password=text)

    assert password_of(moved) == text
    assert len(moved.secret_texts()) == 2


def test_the_password_may_be_left_out_on_purpose(moved: Desk) -> None:
    assert restore(moved, 1, password=None)["secret"] == "none"


def test_restoring_what_is_in_force_is_answered_without_an_event(moved: Desk) -> None:
    assert restore(moved, 2)["version"] == 2
    assert restore(moved, 2, password="other")["version"] == 2
    assert RESTORED not in moved.types()


def test_a_secret_that_is_gone_must_be_given(moved: Desk) -> None:
    moved.secrets.forgotten.add(SecretRef(id="acme/password", version=1))
    with pytest.raises(PastSecretRequired):
        restore(moved, 1)

    restore(moved, 1, password="fresh")
    assert password_of(moved) == "fresh"


def test_a_deleted_setting_comes_back(moved: Desk) -> None:
    moved.smtp_settings.delete("acme", 2, moved.ctx())

    assert restore(moved, 2, expected=Absent.ABSENT)["version"] == 4
    assert password_of(moved) == "other"


@pytest.mark.parametrize("version", [3, 99])
def test_a_version_without_values_is_refused(moved: Desk, version: int) -> None:
    moved.smtp_settings.delete("acme", 2, moved.ctx())
    with pytest.raises(InvalidRestore):
        restore(moved, version, expected=Absent.ABSENT)


def test_what_is_expected_is_checked_again_when_somebody_was_faster(moved: Desk) -> None:
    moved.store.before_append = [lambda: restore(moved, 1, password=None)]
    with pytest.raises(StaleVersion):
        restore(moved, 1, expected=2)


def test_of_two_who_bring_back_a_deleted_setting_one_succeeds(moved: Desk) -> None:
    moved.smtp_settings.delete("acme", 2, moved.ctx())
    moved.store.before_append = [lambda: restore(moved, 1, expected=Absent.ABSENT)]
    with pytest.raises(SettingThere):
        restore(moved, 2, expected=Absent.ABSENT)
