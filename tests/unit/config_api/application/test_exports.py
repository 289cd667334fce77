from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from events.catalogue import decode, encode
from events.envelope import NewEvent
from events.smtp_setting import DefaultProvisioned, SecretRef
from events.store.port import DropRow, Expected, StreamAppend
from events.transfer import ExportMade
from services.config_api.application.exports import ExportRequest, Exports
from services.config_api.domain.errors import DefaultProtected, InvalidExport
from services.config_api.domain.principal import Principal
from services.config_api.domain.secret import Secret
from services.config_api.formats import age_header
from services.config_api.formats.age import unsealed
from services.config_api.formats.registry import FORMATS
from services.config_api.vault.tables import sealed_secrets
from tests.support.handlers import Desk, MemorySecrets
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from collections.abc import Sequence

PASSPHRASE = Secret("correct horse battery")
ANYBODY = Principal(actor="user:alice", roles=frozenset({"operator", "credentials"}))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive the key in a moment: the work factor stands in the file."""
    monkeypatch.setattr(age_header, "WORK_FACTOR", 10)


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    for name in ("globex", "acme"):
        desk.smtp_settings.register(name, a_draft(), desk.ctx())
    provision(desk, "default")
    return desk


def provision(desk: Desk, setting_id: str) -> None:
    fact = DefaultProvisioned(setting_id=setting_id, values=a_draft().values)
    append = StreamAppend(
        stream=f"smtp_setting-{setting_id}",
        expected=Expected.NO_STREAM,
        events=[encode(fact, tenant=setting_id)],
    )
    desk.store.append([append], cause=desk.ctx().cause, at=desk.ctx().at)


def make(desk: Desk, principal: Principal = ANYBODY, **asked: Any) -> bytes:
    request = ExportRequest(**{"ids": None, "format": FORMATS["json"], **asked})
    exports = Exports(store=desk.store, secrets=desk.secrets, wakeup=desk.wakeup)
    return b"".join(exports.make(request, principal, desk.ctx()).pieces())


def named(file: bytes) -> list[str]:
    return [setting["id"] for setting in json.loads(file)["settings"]]


def test_defaults_are_left_out(desk: Desk) -> None:
    assert named(make(desk)) == ["acme", "globex"]


def test_settings_are_exported_as_they_are_now(desk: Desk) -> None:
    desk.smtp_settings.register("deleted", a_draft(), desk.ctx())
    desk.smtp_settings.delete("deleted", expected=1, ctx=desk.ctx())
    desk.smtp_settings.replace("acme", a_draft(port=2525), expected=1, ctx=desk.ctx())
    desk.smtp_settings.replace("default", a_draft(port=25), expected=1, ctx=desk.ctx())
    settings = {one["id"]: one["port"] for one in json.loads(make(desk))["settings"]}
    assert settings == {"acme": 2525, "default": 25, "globex": 587}


def test_an_event_of_a_later_program_leaves_a_setting_as_it_was(desk: Desk) -> None:
    later = NewEvent(type="smtp_setting.blessed", schema_version=1, tenant="acme", data=b"{}")
    append = StreamAppend(stream="smtp_setting-acme", expected=1, events=[later])
    desk.store.append([append], cause=desk.ctx().cause, at=desk.ctx().at)
    assert named(make(desk)) == ["acme", "globex"]


def test_a_default_that_is_asked_for_is_refused(desk: Desk) -> None:
    with pytest.raises(DefaultProtected):
        make(desk, ids=("acme", "default"))
    assert "export.made" not in desk.types()


def test_an_unknown_id_is_told_before_a_default(desk: Desk) -> None:
    with pytest.raises(InvalidExport) as refused:
        make(desk, ids=("default", "nobody", "acme", "noone"))
    assert [error.pointer for error in refused.value.errors] == ["/ids/1", "/ids/3"]


def test_a_refusal_names_a_hundred_settings_at_most(desk: Desk) -> None:
    with pytest.raises(InvalidExport) as refused:
        make(desk, ids=tuple(f"nobody-{number}" for number in range(150)))
    assert len(refused.value.errors) == 100


def test_more_settings_than_a_chunk_are_all_exported(desk: Desk) -> None:
    for number in range(510):
        provision(desk, f"d{number}")
    desk.smtp_settings.register("zed", a_draft(), desk.ctx())
    assert named(make(desk)) == ["acme", "globex", "zed"]


def test_a_secret_that_is_held_no_longer_is_left_out(desk: Desk) -> None:
    ref = SecretRef(id="acme/password", version=1)
    gone = DropRow(table=sealed_secrets, key={"id": ref.id, "version": ref.version})
    desk.smtp_settings.register("zed", a_draft(), desk.ctx())
    append = StreamAppend(
        stream="other-1",
        expected=Expected.NO_STREAM,
        events=[encode(DefaultProvisioned(setting_id="x", values=a_draft().values), tenant=None)],
        rows=[gone],
    )
    desk.store.append([append], cause=desk.ctx().cause, at=desk.ctx().at)
    file = make(desk, passphrase=PASSPHRASE)
    settings = json.loads(unsealed(BytesIO(file), PASSPHRASE).read())["settings"]
    assert {one["id"]: one["auth"].get("password") for one in settings} == {
        "acme": None,
        "globex": "correct horse",
        "zed": "correct horse",
    }


def test_the_events_of_a_sealed_export_are_one_append(desk: Desk) -> None:
    before = desk.store.head()
    make(desk, passphrase=PASSPHRASE)
    assert desk.types()[before:] == [
        "export.made",
        "access.credentials_read",
        "access.credentials_read",
    ]
    assert desk.wakeup.signals == 3


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_the_settings_of_the_file_are_counted(desk: Desk, passphrase: Secret | None) -> None:
    before = desk.store.head()
    make(desk, passphrase=passphrase)
    made = decode(desk.store.read_all(after=before, limit=1).events[0])
    assert isinstance(made, ExportMade)
    assert (made.count, made.sealed) == (2, passphrase is not None)


class Untouched(MemorySecrets):
    """Secrets that nobody may open."""

    def open_all(self, refs: Sequence[tuple[str | None, SecretRef]]) -> dict[SecretRef, Secret]:
        raise AssertionError(refs)


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_an_export_that_is_refused_at_its_end_opens_and_records_nothing(
    desk: Desk, passphrase: Secret | None
) -> None:
    before = desk.store.head()
    desk.secrets = Untouched(desk.store)
    with pytest.raises(InvalidExport) as refused:
        make(desk, ids=(*["acme"] * 500, "globex", "nobody"), passphrase=passphrase)
    assert [error.pointer for error in refused.value.errors] == ["/ids/501"]
    assert desk.store.head() == before


def test_whoever_is_limited_to_tenants_sees_no_others(desk: Desk) -> None:
    limited = Principal(
        actor="token:t", roles=frozenset({"operator"}), tenants=frozenset({"globex"})
    )
    assert named(make(desk, limited)) == ["globex"]
    with pytest.raises(InvalidExport):
        make(desk, limited, ids=("acme",))
