"""The table of fields and paths: a stored secret follows no setting to another destination.

Each cell is one destination field, from the domain's own list, on one path that writes or tests.
RELAYBOOK_SWEEP=full tries each property added, changed and removed, under both prefixes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import pytest
from msgspec import structs

from events.smtp_setting import Auth, SettingValues
from services.config_api.application.defaults import DefaultsSource
from services.config_api.application.defaults_file import read_defaults
from services.config_api.domain.destination import destination
from services.config_api.domain.field_errors import pointer_to
from services.config_api.domain.setting_fields import make_draft
from services.config_api.formats.port import WrittenSetting
from services.config_api.formats.registry import FORMATS
from tests.integration.security.bound import (
    NEW,
    OLD,
    Bound,
    a_bound,
    is_refused,
    secrets_in,
    where,
)
from tests.integration.security.moves import (
    BASE,
    ELSEWHERE,
    FULL,
    Move,
    moves,
    property_names,
    values_of,
    with_secrets,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.integration.http.asking import Service

#: The property families of contract §3.
FAMILIES: Final = (
    "host", "port", "user", r"proxy\..+", r"socks\..+", r"ssl\..+", r"starttls\..+",
    r"socketFactory\..+", "auth.*", r"sasl\..+", "localaddress",
)  # fmt: skip
#: What of a setting does not decide where a secret goes.
ELSE: Final = {
    "/host_unicode", "/x_mailer", "/debug", "/connection_timeout_ms", "/timeout_ms", "/secret",
    "/secrets", "/auth", "/session_properties",
}  # fmt: skip

pytestmark = pytest.mark.timeout(900 if FULL else 120)  # hundreds of moves, each three requests

#: Tries a move of one tenant and tells what is wrong, if anything.
Path_ = Callable[[Bound, str, Move], str | None]
MOVES: Final = {f"t{place}": move for place, move in enumerate(moves())}


def _put(bound: Bound, tenant: str, move: Move) -> str | None:
    return _refused_and_kept(bound, tenant, is_refused(bound.put(tenant, move.after)))


def _patch(bound: Bound, tenant: str, move: Move) -> str | None:
    return _refused_and_kept(bound, tenant, is_refused(bound.patch(tenant, move.patch)))


def _draft_test(bound: Bound, tenant: str, move: Move) -> str | None:
    answer = bound.test({"setting_id": tenant, "draft": move.after})
    return _refused_and_kept(bound, tenant, is_refused(answer))


def _refused_and_kept(bound: Bound, tenant: str, refused: bool) -> str | None:
    if not refused:
        return "not refused"
    body = bound.credentials(tenant).get_json()
    kept = bound.told(tenant)["version"] == 1 and secrets_in(body) == {OLD}
    return None if kept else "the setting changed"


def _restored_without(bound: Bound, tenant: str, move: Move) -> str | None:
    """Bring back a version whose secret was dropped, over one that has another."""
    item = {"id": tenant, **move.after}
    document = {"relaybook": 1, "settings": [item]}
    assert bound.operator("POST", "/v1/imports?mode=update", document).status_code == 201
    assert bound.put(tenant, with_secrets(move.before, NEW)).status_code == 200
    if not is_refused(bound.restore(tenant, 2)):
        return "not refused"
    held = secrets_in(bound.credentials(tenant).get_json())
    return None if held == {NEW} else f"answered {held}"


def _restored_with_its_own(bound: Bound, tenant: str, move: Move) -> str | None:
    """Bring back both versions: each comes with the secret that belonged to it."""
    assert bound.put(tenant, with_secrets(move.after, NEW)).status_code == 200
    for version, secret, then in ((1, OLD, move.before), (2, NEW, move.after)):
        if bound.restore(tenant, version).status_code != 200:
            return f"version {version} did not come back"
        body = bound.credentials(tenant).get_json()
        if secrets_in(body) != {secret} or not _is_at(bound, tenant, then):
            return f"version {version} came with another secret"
    return None


def _registered_again(bound: Bound, tenant: str, move: Move) -> str | None:
    bound.delete(tenant)
    bound.register(tenant, move.after)
    return _never_answered(bound, tenant)


def _imported_again(bound: Bound, tenant: str, move: Move) -> str | None:
    bound.delete(tenant)
    document = {"relaybook": 1, "settings": [{"id": tenant, **move.after}]}
    assert bound.operator("POST", "/v1/imports?mode=new", document).status_code == 201
    return _never_answered(bound, tenant)


def _never_answered(bound: Bound, tenant: str) -> str | None:
    return "answered" if secrets_in(bound.credentials(tenant).get_json()) else None


def _claimed_draft(bound: Bound, tenant: str, move: Move) -> str | None:
    """Ask for a test of a draft with the stored secret, then move the setting, then claim."""
    asked = bound.test({"setting_id": tenant, "draft": move.before})
    assert asked.status_code == 202, asked.get_data(as_text=True)
    assert bound.put(tenant, with_secrets(move.after, NEW)).status_code == 200
    claimed = bound.claim(asked.get_json()["id"])
    return f"handed {secrets_in(claimed)}" if secrets_in(claimed) else None


def _claimed_setting(bound: Bound, tenant: str, move: Move) -> str | None:
    """Ask for a test of a setting, then move it, then claim: all is of the version asked for."""
    before = bound.where(tenant)
    asked = bound.test({"setting_id": tenant})
    assert bound.put(tenant, with_secrets(move.after, NEW)).status_code == 200
    claimed = bound.claim(asked.get_json()["id"])
    handed = secrets_in(claimed)
    at_home = where(claimed["setting"]) == before
    return None if handed == {OLD} and at_home else f"handed {handed}"


def _is_at(bound: Bound, tenant: str, fields_: Mapping[str, object]) -> bool:
    told = bound.told(tenant)
    return destination(values_of(dict(fields_))) == destination(
        values_of({name: told[name] for name in where(told)})
    )


ONE_BY_ONE: Final[dict[str, Path_]] = {
    "PUT": _put,
    "PATCH": _patch,
    "draft test": _draft_test,
    "restore without its secret": _restored_without,
    "restore with its own secret": _restored_with_its_own,
    "deleted, then POST": _registered_again,
    "deleted, then import new": _imported_again,
    "draft claimed after a change": _claimed_draft,
    "setting claimed after a change": _claimed_setting,
}


@pytest.mark.parametrize("path", ONE_BY_ONE)
def test_no_secret_moves_on(service: Service, path: str) -> None:
    bound = a_bound(service, MOVES)
    wrong = {
        (move.place, move.change): told
        for tenant, move in MOVES.items()
        if (told := ONE_BY_ONE[path](bound, tenant, move)) is not None
    }
    assert wrong == {}


@pytest.mark.parametrize("name", FORMATS)
def test_an_update_by_a_file_drops_the_secret(service: Service, name: str) -> None:
    bound = a_bound(service, written_by(name))
    assert set(bound.file("update", name).values()) == {"overwrite"}
    assert_dropped(bound)


@pytest.mark.parametrize("name", FORMATS)
def test_new_settings_of_a_file_leave_what_is_there(service: Service, name: str) -> None:
    bound = a_bound(service, written_by(name))
    assert set(bound.file("new", name).values()) == {"skip"}
    for tenant in bound.moves:
        assert bound.told(tenant)["version"] == 1
        assert secrets_in(bound.credentials(tenant).get_json()) == {OLD}


@pytest.mark.parametrize("name", FORMATS)
def test_a_defaults_file_drops_the_secret(service: Service, tmp_path: Path, name: str) -> None:
    moved = written_by(name)
    first = {tenant: make_draft(with_secrets(one.before, OLD)) for tenant, one in moved.items()}
    file = tmp_path / "defaults"
    written = (
        WrittenSetting(setting_id=tenant, values=values_of(one.after))
        for tenant, one in moved.items()
    )
    file.write_bytes(b"".join(FORMATS[name].write(written)))
    for drafts in (first, read_defaults(file, FORMATS[name])):
        source = DefaultsSource(partial(dict, drafts))
        defaults = replace(service.relaybook.defaults, source=source)
        assert defaults.reconcile().provisioned == len(moved)
    assert_dropped(
        Bound(
            service,
            moved,
            service.asker("operator"),
            service.asker("credentials"),
            service.asker("tester"),
        )
    )


def written_by(name: str) -> dict[str, Move]:
    return {tenant: move.as_written_by(name) for tenant, move in MOVES.items()}


def assert_dropped(bound: Bound) -> None:
    """Assert that each setting moved, and that nobody is handed its secret any more."""
    for tenant, move in bound.moves.items():
        told = bound.told(tenant)
        assert (told["version"], told["secret"]) == (2, "required"), move
        assert is_refused(bound.credentials(tenant)), move
        asked = bound.test({"setting_id": tenant})
        assert not secrets_in(bound.claim(asked.get_json()["id"])), move


def test_the_table_has_every_field_of_the_contract() -> None:
    assert set(destination(values_of(BASE))) == set(ELSEWHERE)
    top = {pointer_to(one.name) for one in structs.fields(SettingValues)}
    inner = {pointer_to("auth", one.name) for one in structs.fields(Auth)}
    assert (top | inner) - ELSE == set(ELSEWHERE)


def test_the_table_has_every_family_of_properties() -> None:
    names = [name.removeprefix("mail.smtp.") for name in property_names()]
    for family in FAMILIES:
        assert any(re.fullmatch(family, name) for name in names), family
    tried = {move.place.rpartition("/")[2] for move in MOVES.values()}
    assert set(property_names()) <= tried


def test_the_table_has_so_many_cells() -> None:
    paths = len(ONE_BY_ONE) + 3 * len(FORMATS)
    assert len(MOVES) * paths >= (5_000 if FULL else 1_000)
