from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import delete, update

from events.smtp_setting import SecretRef
from events.store.port import RowWrite
from services.config_api.domain.secret import Secret
from services.config_api.vault.errors import SealBroken, SecretGone, WrongMasterKey
from services.config_api.vault.tables import sealed_secrets, tenant_keys
from services.config_api.vault.tenant_keys import TenantKeys
from tests.support.settings import BEGIN
from tests.support.vault import KEY, OTHER_KEY, PASSWORD, Boxes

CANARY = "canary-pässwörd"


def test_a_sealed_secret_opens_for_its_tenant(boxes: Boxes) -> None:
    boxes.keep("acme", PASSWORD, CANARY)

    assert boxes.vault.open("acme", PASSWORD) == Secret(CANARY)
    assert boxes.with_key(KEY).open("acme", PASSWORD).reveal() == CANARY


def test_the_deployment_keeps_secrets_too(boxes: Boxes) -> None:
    boxes.keep(None, PASSWORD, CANARY)

    assert boxes.vault.open(None, PASSWORD) == Secret(CANARY)
    assert boxes.keys() == [("", 1)]


def test_nothing_that_is_written_shows_the_secret(boxes: Boxes) -> None:
    rows = boxes.vault.seal("acme", PASSWORD, Secret(CANARY))
    boxes.write(rows)
    stored = boxes.sealed_row(PASSWORD).values()

    assert "canary" not in repr(rows)
    assert not any(CANARY.encode() in value for value in stored if isinstance(value, bytes))


def test_the_same_secret_never_seals_to_the_same_bytes(boxes: Boxes) -> None:
    again = SecretRef(id=PASSWORD.id, version=2)
    boxes.keep("acme", PASSWORD, CANARY)
    boxes.keep("acme", again, CANARY)
    first, second = boxes.sealed_row(PASSWORD), boxes.sealed_row(again)

    assert first["nonce"] != second["nonce"]
    assert first["ciphertext"] != second["ciphertext"]


@pytest.mark.parametrize(
    "moved_to",
    [
        SecretRef(id="other/password", version=1),
        SecretRef(id="acme/mail.smtp.proxy.password", version=1),
        SecretRef(id="acme/password", version=2),
    ],
)
def test_a_sealed_value_moved_to_another_secret_does_not_open(
    boxes: Boxes, moved_to: SecretRef
) -> None:
    boxes.keep("acme", PASSWORD, CANARY)
    boxes.run(update(sealed_secrets).values(id=moved_to.id, version=moved_to.version))

    with pytest.raises(SealBroken) as raised:
        boxes.vault.open("acme", moved_to)
    assert raised.value.ref == moved_to


@pytest.mark.parametrize("asks", ["acme", "evil"])
def test_a_sealed_value_moved_to_another_tenant_does_not_open(boxes: Boxes, asks: str) -> None:
    stolen = SecretRef(id="evil/password", version=1)
    boxes.keep("acme", PASSWORD, CANARY)
    boxes.keep("evil", stolen, "own")
    boxes.run(delete(sealed_secrets).where(sealed_secrets.c.id == stolen.id))
    boxes.run(update(sealed_secrets).values(id=stolen.id, tenant="evil"))

    with pytest.raises(SealBroken):
        boxes.vault.open(asks, stolen)


def test_a_sealed_value_is_bound_to_its_tenant_even_under_the_same_key(
    boxes: Boxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes.keep("acme", PASSWORD, CANARY)
    boxes.keep("evil", SecretRef(id="evil/password", version=1), "evil's own")
    _, key = boxes.vault.keys.newest("acme")
    monkeypatch.setattr(TenantKeys, "unwrapped", lambda *_: key)

    assert boxes.vault.open("acme", PASSWORD) == Secret(CANARY)
    with pytest.raises(SealBroken):
        boxes.vault.open("evil", PASSWORD)


def test_an_older_value_put_back_does_not_open(boxes: Boxes) -> None:
    newer = SecretRef(id=PASSWORD.id, version=2)
    boxes.keep("acme", PASSWORD, "old")
    boxes.keep("acme", newer, "new")
    old = boxes.sealed_row(PASSWORD)
    boxes.run(
        update(sealed_secrets)
        .where(sealed_secrets.c.version == newer.version)
        .values(nonce=old["nonce"], ciphertext=old["ciphertext"])
    )

    with pytest.raises(SealBroken):
        boxes.vault.open("acme", newer)


def test_a_value_under_another_key_number_does_not_open(boxes: Boxes) -> None:
    boxes.keep("acme", PASSWORD, CANARY)
    boxes.run(update(tenant_keys).values(wrapped=None, shredded_at=BEGIN))
    boxes.vault.prepare(["acme"])
    boxes.run(update(sealed_secrets).values(key_no=2))

    with pytest.raises(SealBroken):
        boxes.vault.open("acme", PASSWORD)


@pytest.mark.parametrize("column", ["nonce", "ciphertext"])
@pytest.mark.parametrize("alter", [lambda _: b"", lambda old: bytes([old[0] ^ 1]) + old[1:]])
def test_altered_bytes_do_not_open(boxes: Boxes, column: str, alter: Any) -> None:
    boxes.keep("acme", PASSWORD, CANARY)
    old = boxes.sealed_row(PASSWORD)[column]
    boxes.run(update(sealed_secrets).values({column: alter(old)}))

    with pytest.raises(SealBroken):
        boxes.vault.open("acme", PASSWORD)


def test_a_wrapped_key_given_to_another_tenant_does_not_unwrap(boxes: Boxes) -> None:
    boxes.keep("acme", PASSWORD, CANARY)
    boxes.run(update(tenant_keys).values(tenant="evil"))

    with pytest.raises(WrongMasterKey):
        boxes.vault.open("evil", PASSWORD)


def test_a_secret_that_was_never_sealed_is_gone(boxes: Boxes) -> None:
    with pytest.raises(SecretGone) as raised:
        boxes.vault.open("acme", PASSWORD)

    assert raised.value.ref == PASSWORD


def test_a_dropped_secret_is_gone(boxes: Boxes) -> None:
    boxes.keep("acme", PASSWORD, CANARY)
    boxes.write([boxes.vault.drop(PASSWORD)])

    with pytest.raises(SecretGone):
        boxes.vault.open("acme", PASSWORD)


def test_dropping_one_version_leaves_the_other(boxes: Boxes) -> None:
    newer = SecretRef(id=PASSWORD.id, version=2)
    boxes.keep("acme", PASSWORD, "old")
    boxes.keep("acme", newer, "new")
    boxes.write([boxes.vault.drop(PASSWORD)])

    assert boxes.vault.open("acme", newer) == Secret("new")


def test_the_secrets_of_a_shredded_key_are_gone_and_a_new_key_takes_its_place(
    boxes: Boxes,
) -> None:
    newer = SecretRef(id=PASSWORD.id, version=2)
    boxes.keep("acme", PASSWORD, CANARY)
    boxes.run(update(tenant_keys).values(wrapped=None, shredded_at=BEGIN))
    boxes.keep("acme", newer, "new")

    with pytest.raises(SecretGone):
        boxes.vault.open("acme", PASSWORD)
    assert boxes.vault.open("acme", newer) == Secret("new")
    assert boxes.keys() == [("acme", 1), ("acme", 2)]


def test_a_secret_is_compared_without_being_shown(boxes: Boxes) -> None:
    boxes.keep("acme", PASSWORD, CANARY)

    assert boxes.vault.holds("acme", PASSWORD, Secret(CANARY))
    assert not boxes.vault.holds("acme", PASSWORD, Secret("other"))
    assert not boxes.vault.holds("acme", SecretRef(id="x/password", version=1), Secret(CANARY))


def test_the_first_check_leaves_a_mark_that_later_ones_compare(boxes: Boxes) -> None:
    boxes.vault.check()
    boxes.vault.check()
    boxes.with_key(KEY).check()

    with pytest.raises(WrongMasterKey):
        boxes.with_key(OTHER_KEY).check()


def test_a_wrong_master_key_neither_opens_nor_seals(boxes: Boxes) -> None:
    boxes.keep("acme", PASSWORD, CANARY)
    wrong = boxes.with_key(OTHER_KEY)

    with pytest.raises(WrongMasterKey):
        wrong.open("acme", PASSWORD)
    with pytest.raises(WrongMasterKey):
        wrong.seal("acme", SecretRef(id=PASSWORD.id, version=2), Secret(CANARY))
    with pytest.raises(WrongMasterKey):
        wrong.holds("acme", PASSWORD, Secret(CANARY))


def test_many_tenants_get_their_keys_at_once_and_keep_them(boxes: Boxes) -> None:
    boxes.keep("tenant-7", PASSWORD, CANARY)
    boxes.vault.prepare(f"tenant-{number}" for number in range(1_001))
    boxes.vault.prepare(["tenant-7", "tenant-7", None])

    assert len(boxes.keys()) == 1_002
    assert boxes.vault.open("tenant-7", PASSWORD) == Secret(CANARY)


def test_processes_that_seal_first_at_once_agree_on_one_key(boxes: Boxes) -> None:
    refs = [SecretRef(id=f"acme/{number}", version=1) for number in range(16)]
    with ThreadPoolExecutor(max_workers=8) as threads:
        list(threads.map(lambda ref: boxes.keep("acme", ref, ref.id), refs))

    assert boxes.keys() == [("acme", 1)]
    assert [boxes.vault.open("acme", ref).reveal() for ref in refs] == [ref.id for ref in refs]


def test_errors_do_not_show_the_secret(boxes: Boxes) -> None:
    boxes.keep("acme", PASSWORD, CANARY)
    boxes.run(update(sealed_secrets).values(ciphertext=b"x" * 32))

    with pytest.raises(SealBroken) as raised:
        boxes.vault.holds("acme", PASSWORD, Secret(CANARY))
    assert CANARY not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_secret_is_held_until_it_is_dropped_or_its_key_is_shredded(boxes: Boxes) -> None:
    other = SecretRef(id=PASSWORD.id, version=2)
    boxes.keep("acme", PASSWORD, CANARY)
    boxes.keep("acme", other, CANARY)

    assert boxes.vault.held("acme", PASSWORD)
    assert not boxes.vault.held("globex", PASSWORD)
    assert not boxes.vault.held("acme", SecretRef(id=PASSWORD.id, version=3))
    boxes.write([boxes.vault.drop(other)])
    assert not boxes.vault.held("acme", other)
    with boxes.opened.engine.begin() as connection:
        connection.execute(update(tenant_keys).values(wrapped=None))
    assert not boxes.vault.held("acme", PASSWORD)


def test_who_compared_a_secret_seals_with_what_was_found(
    boxes: Boxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = SecretRef(id=PASSWORD.id, version=2)
    boxes.keep("acme", PASSWORD, CANARY)
    secrets = boxes.vault.of_tenant("acme")
    assert secrets.holds(PASSWORD, Secret(CANARY))
    assert not secrets.holds(PASSWORD, Secret("another"))
    monkeypatch.setattr(TenantKeys, "newest", None)
    boxes.write(secrets.seal(newer, Secret("another")))
    assert boxes.vault.open("acme", newer) == Secret("another")


def test_a_secret_under_a_shredded_key_is_followed_by_one_under_the_next_key(boxes: Boxes) -> None:
    newer = SecretRef(id=PASSWORD.id, version=2)
    boxes.keep("acme", PASSWORD, CANARY)
    boxes.run(update(tenant_keys).values(wrapped=None, shredded_at=BEGIN))
    secrets = boxes.vault.of_tenant("acme")
    assert not secrets.holds(PASSWORD, Secret(CANARY))
    boxes.write(secrets.seal(newer, Secret(CANARY)))
    assert boxes.sealed_row(newer)["key_no"] == 2
    assert boxes.vault.open("acme", newer) == Secret(CANARY)
    assert secrets.holds(newer, Secret(CANARY))


def test_processes_that_seal_many_at_once_agree_on_each_key(boxes: Boxes) -> None:
    def sealed(first: int) -> list[RowWrite]:
        tenants = [f"tenant-{number}" for number in range(first, first + 40)]
        given = [
            (tenant, SecretRef(id=f"{tenant}/{first}", version=1), Secret(f"{CANARY}{first}"))
            for tenant in tenants
        ]
        return list(boxes.with_key(KEY).seal_all(given))

    firsts = (0, 10, 20, 30)
    with ThreadPoolExecutor(4) as pool:
        for rows in pool.map(sealed, firsts):
            boxes.write(rows)

    assert boxes.keys() == sorted((f"tenant-{number}", 1) for number in range(70))
    for first in firsts:
        for number in range(first, first + 40):
            ref = SecretRef(id=f"tenant-{number}/{first}", version=1)
            assert boxes.vault.open(f"tenant-{number}", ref) == Secret(f"{CANARY}{first}")
