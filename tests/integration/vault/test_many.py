"""Many secrets at once: the same as one by one, in few statements."""

from __future__ import annotations

import pytest
from sqlalchemy import event, update

from events.smtp_setting import SecretRef
from services.config_api.domain.secret import Secret
from services.config_api.vault.errors import SealBroken, WrongMasterKey
from services.config_api.vault.tables import sealed_secrets, tenant_keys
from tests.support.vault import OTHER_KEY, Boxes

COUNT = 1_100


def ref_of(number: int, version: int = 1) -> SecretRef:
    return SecretRef(id=f"t{number}/password", version=version)


def many(version: int = 1) -> list[tuple[str | None, SecretRef, Secret]]:
    return [(f"t{n}", ref_of(n, version), Secret(f"{n}.{version}")) for n in range(COUNT)]


def test_many_secrets_are_sealed_and_opened_as_one_by_one(boxes: Boxes) -> None:
    boxes.keep("t7", ref_of(7), "7.1")
    wanted = [one for one in many() if one[0] != "t7"]
    boxes.write(boxes.vault.seal_all(wanted))
    boxes.write(boxes.vault.seal_all(many(2)))

    found = boxes.vault.open_all([(tenant, ref) for tenant, ref, _ in many()])
    assert found == {ref: secret for _, ref, secret in many()}
    assert boxes.vault.open("t1099", ref_of(1_099, 2)) == Secret("1099.2")
    assert len(boxes.keys()) == COUNT


def test_the_number_of_statements_does_not_grow_with_the_secrets(boxes: Boxes) -> None:
    boxes.write(boxes.vault.seal_all(many()))
    seen: list[str] = []
    for engine in (boxes.opened.engine, boxes.opened.read_engine):
        event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))

    boxes.vault.open_all([(tenant, ref) for tenant, ref, _ in many()][:500])
    assert len(seen) == 2
    boxes.vault.seal_all(many(2)[:500])
    assert len(seen) <= 5


def test_what_is_gone_is_not_among_the_opened(boxes: Boxes) -> None:
    boxes.write(boxes.vault.seal_all(many()[:4]))
    boxes.write([boxes.vault.drop(ref_of(1))])
    shredded = update(tenant_keys).where(tenant_keys.c.tenant == "t2").values(wrapped=None)
    boxes.run(shredded)

    found = boxes.vault.open_all([(tenant, ref) for tenant, ref, _ in many()[:5]])
    assert set(found) == {ref_of(0), ref_of(3)}
    assert boxes.vault.open_all([]) == {}
    assert boxes.vault.seal_all([]) == []


def test_a_shredded_key_is_not_sealed_with_again(boxes: Boxes) -> None:
    boxes.write(boxes.vault.seal_all(many()[:1]))
    boxes.run(update(tenant_keys).values(wrapped=None))
    boxes.write(boxes.vault.seal_all(many(2)[:1]))

    assert boxes.keys() == [("t0", 1), ("t0", 2)]
    assert boxes.vault.open("t0", ref_of(0, 2)) == Secret("0.2")


def test_a_secret_opens_for_nobody_else(boxes: Boxes) -> None:
    boxes.write(boxes.vault.seal_all(many()[:2]))
    with pytest.raises(SealBroken):
        boxes.vault.open_all([("t1", ref_of(0))])
    assert boxes.vault.open_all([("nobody", ref_of(0))]) == {}


def test_altered_values_and_wrong_keys_are_told(boxes: Boxes) -> None:
    boxes.write(boxes.vault.seal_all(many()[:1]))
    with pytest.raises(WrongMasterKey):
        boxes.with_key(OTHER_KEY).open_all([("t0", ref_of(0))])
    with pytest.raises(WrongMasterKey):
        boxes.with_key(OTHER_KEY).seal_all(many(2)[:1])
    boxes.run(update(sealed_secrets).values(ciphertext=b"x" * 32))
    with pytest.raises(SealBroken):
        boxes.vault.open_all([("t0", ref_of(0))])
