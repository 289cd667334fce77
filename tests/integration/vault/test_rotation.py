"""Another master key, while others work: every step, and what an interruption leaves."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from events.catalogue import decode
from events.envelope import Cause
from events.keys import KeyRotated, KeyShredded
from events.smtp_setting import SecretRef
from services.config_api.application.context import Context
from services.config_api.application.keys import Keys, NoKey, NothingToRotate, RotationUnderWay
from services.config_api.domain.secret import Secret
from services.config_api.vault.errors import SecretGone, WrongMasterKey
from services.config_api.vault.key_ring import KeyRing
from services.config_api.vault.master_key import MasterKey
from tests.support.settings import BEGIN
from tests.support.vault import KEY, OTHER_KEY, PASSWORD, Boxes

if TYPE_CHECKING:
    from pathlib import Path

    from services.config_api.vault.vault import Vault

OLD, NEW = MasterKey.from_text(KEY), MasterKey.from_text(OTHER_KEY)
CTX = Context(cause=Cause.by_system("test"), at=BEGIN)
COUNT = 1_203  # three chunks
PATIENCE_SECONDS = 20.0


class Interrupted(Exception):
    pass


@dataclass
class Progress:
    """Counts what is wrapped, and breaks off after so many chunks."""

    chunks: int = 1_000
    wrapped: int = 0

    def __call__(self, count: int) -> None:
        self.wrapped += count
        self.chunks -= 1
        if self.chunks == 0:
            raise Interrupted


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "master.key"
    path.write_text(KEY + "\n")
    return path


def keys_of(boxes: Boxes, vault: Vault) -> Keys:
    return Keys(
        store=boxes.opened.store,
        wakeup=boxes.opened.wakeup,
        duties=boxes.opened.duties,
        vault=vault,
    )


def from_file(boxes: Boxes, file: Path) -> Vault:
    """Return the vault of a process that starts now."""
    vault = boxes.with_ring(KeyRing.from_file(file))
    vault.check()
    return vault


def rotated(keys: Keys, progress: Progress | None = None) -> KeyRotated:
    """Rotate as soon as it is free: PostgreSQL ends the session of the one before a little late."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return keys.rotate(CTX, progress or Progress())
        except RotationUnderWay:
            assert time.monotonic() < deadline, "the rotation before never ended"
            time.sleep(0.02)


def facts(boxes: Boxes) -> list[object]:
    return [decode(event) for event in boxes.opened.store.read_all(after=0, limit=10).events]


def test_a_new_key_takes_the_place_of_the_one_in_the_file(boxes: Boxes, file: Path) -> None:
    running = from_file(boxes, file)
    boxes.keep("acme", PASSWORD, "one")
    boxes.keep(None, SecretRef(id="deployment", version=1), "two")
    progress = Progress()
    fact = keys_of(boxes, from_file(boxes, file)).rotate(CTX, progress)

    (text,) = file.read_text().split()
    new = MasterKey.from_text(text)
    assert new.id != OLD.id
    assert fact == KeyRotated(master=new.id, retired=(OLD.id,), count=2)
    assert facts(boxes) == [fact]
    assert progress.wrapped == 2
    assert set(boxes.masters().values()) == {new.id}
    for vault in (running, from_file(boxes, file)):
        assert vault.open("acme", PASSWORD).reveal() == "one"
        assert vault.open(None, SecretRef(id="deployment", version=1)).reveal() == "two"
    running.prepare(["globex"])
    assert boxes.masters()["globex"] == new.id
    with pytest.raises(WrongMasterKey):
        boxes.with_key(KEY).check()


def test_each_rotation_makes_another_key(boxes: Boxes, file: Path) -> None:
    boxes.keep("acme", PASSWORD, "one")
    first = keys_of(boxes, from_file(boxes, file)).rotate(CTX, Progress())
    second = rotated(keys_of(boxes, from_file(boxes, file)))

    assert second.retired == (first.master,)
    assert from_file(boxes, file).open("acme", PASSWORD).reveal() == "one"


@pytest.mark.parametrize("chunks", [1, 2, 3])
def test_a_rotation_that_was_interrupted_is_finished(boxes: Boxes, file: Path, chunks: int) -> None:
    boxes.vault.prepare(f"t{number:04}" for number in range(COUNT))
    with pytest.raises(Interrupted):
        keys_of(boxes, from_file(boxes, file)).rotate(CTX, Progress(chunks))
    assert len(file.read_text().split()) == 2
    new = file.read_text().split()[0]
    from_file(boxes, file).prepare(["later"])  # the service goes on meanwhile

    progress = Progress()
    fact = rotated(keys_of(boxes, from_file(boxes, file)), progress)
    assert file.read_text().split() == [new]
    assert fact == KeyRotated(
        master=MasterKey.from_text(new).id, retired=(OLD.id,), count=COUNT + 1
    )
    assert progress.wrapped == max(0, COUNT - 500 * chunks)
    assert set(boxes.masters().values()) == {fact.master}
    assert facts(boxes) == [fact]


def test_a_rotation_whose_file_was_not_cleared_ends_without_another_event(
    boxes: Boxes, file: Path
) -> None:
    boxes.keep("acme", PASSWORD, "one")
    fact = keys_of(boxes, from_file(boxes, file)).rotate(CTX, Progress())
    new = file.read_text()
    file.write_text(new + KEY + "\n")
    again = rotated(keys_of(boxes, from_file(boxes, file)))

    assert again == KeyRotated(master=fact.master, retired=(), count=1)
    assert facts(boxes) == [fact]
    assert file.read_text() == new


def test_of_two_rotations_at_once_one_is_refused(boxes: Boxes, file: Path) -> None:
    boxes.keep("acme", PASSWORD, "one")
    other = keys_of(boxes, from_file(boxes, file))

    def rotate_meanwhile(_count: int) -> None:
        with pytest.raises(RotationUnderWay):
            other.rotate(CTX, Progress())

    first = keys_of(boxes, from_file(boxes, file)).rotate(CTX, rotate_meanwhile)
    assert facts(boxes) == [first]
    assert rotated(other).retired == (first.master,)
    assert from_file(boxes, file).open("acme", PASSWORD).reveal() == "one"


@pytest.mark.parametrize("held", [KEY, OTHER_KEY])
def test_a_file_without_the_key_that_wraps_now_is_left_as_it_is(
    boxes: Boxes, file: Path, held: str
) -> None:
    boxes.keep("acme", PASSWORD, "one")
    keys_of(boxes, from_file(boxes, file)).rotate(CTX, Progress())
    elsewhere = file.with_name("elsewhere.key")
    elsewhere.write_text(held)

    with pytest.raises(WrongMasterKey):
        rotated(keys_of(boxes, boxes.with_ring(KeyRing.from_file(elsewhere))))
    assert elsewhere.read_text() == held
    assert from_file(boxes, file).open("acme", PASSWORD).reveal() == "one"


def test_a_key_that_wrapped_nothing_yet_is_replaced_and_told(boxes: Boxes, file: Path) -> None:
    fact = keys_of(boxes, boxes.with_ring(KeyRing.from_file(file))).rotate(CTX, Progress())

    assert (fact.retired, fact.count) == ((OLD.id,), 0)
    assert facts(boxes) == [fact]


def test_keys_from_the_environment_are_rotated_to_the_first(boxes: Boxes) -> None:
    boxes.keep("acme", PASSWORD, "one")
    with pytest.raises(NothingToRotate):
        keys_of(boxes, boxes.vault).rotate(CTX, Progress())
    both = boxes.with_key(f"{OTHER_KEY} {KEY}")
    both.check()
    keys = keys_of(boxes, both)
    assert [(one.id, one.wraps, one.needed, one.count) for one in keys.status()] == [
        (NEW.id, True, True, 0),
        (OLD.id, False, True, 1),
    ]
    assert rotated(keys) == KeyRotated(master=NEW.id, retired=(OLD.id,), count=1)
    assert [(one.id, one.at_hand, one.needed, one.count) for one in keys.status()] == [
        (NEW.id, True, True, 1),
        (OLD.id, True, False, 0),
    ]
    alone = boxes.with_key(OTHER_KEY)
    alone.check()
    assert alone.open("acme", PASSWORD).reveal() == "one"


def test_a_key_that_is_needed_and_missing_is_told(boxes: Boxes) -> None:
    boxes.keep("acme", PASSWORD, "one")
    first, missing = keys_of(boxes, boxes.with_key(OTHER_KEY)).status()

    assert (first.id, first.at_hand, first.count) == (NEW.id, True, 0)
    assert (missing.id, missing.at_hand, missing.needed, missing.count) == (
        OLD.id,
        False,
        True,
        1,
    )
    with pytest.raises(WrongMasterKey):
        keys_of(boxes, boxes.with_key(f"{OTHER_KEY} {OTHER_KEY}")).rotate(CTX, Progress())


def test_a_shredded_tenant_has_no_secret_until_it_gets_a_new_one(boxes: Boxes) -> None:
    newer = SecretRef(id=PASSWORD.id, version=2)
    boxes.keep("acme", PASSWORD, "one")
    boxes.keep("globex", SecretRef(id="globex/password", version=1), "other")
    boxes.keep(None, SecretRef(id="deployment", version=1), "answer")
    keys = keys_of(boxes, boxes.vault)
    fact = keys.shred("acme", CTX)

    assert fact == KeyShredded(tenant="acme", key_numbers=(1,))
    (event,) = boxes.opened.store.read_all(after=0, limit=10).events
    assert (event.stream, event.tenant, decode(event)) == ("key-acme", "acme", fact)
    with pytest.raises(SecretGone):
        boxes.vault.open("acme", PASSWORD)
    assert not boxes.vault.held("acme", PASSWORD)
    assert boxes.vault.held("globex", SecretRef(id="globex/password", version=1))
    with pytest.raises(NoKey):
        keys.shred("acme", CTX)
    for nobody in ("nobody", ""):  # the deployment's own key is no tenant's
        with pytest.raises(NoKey):
            keys.shred(nobody, CTX)

    boxes.keep("acme", newer, "two")
    assert boxes.vault.open("acme", newer) == Secret("two")
    assert boxes.keys() == [("", 1), ("acme", 1), ("acme", 2), ("globex", 1)]


def test_a_key_that_is_shredded_during_a_rotation_stays_so(boxes: Boxes, file: Path) -> None:
    boxes.vault.prepare(f"t{number:04}" for number in range(COUNT))
    vault = from_file(boxes, file)
    keys = keys_of(boxes, vault)

    def shred_meanwhile(count: int) -> None:
        if count == 500 and boxes.vault.keys.held("t1100"):
            keys.shred("t1100", CTX)

    assert keys.rotate(CTX, shred_meanwhile).count == COUNT - 1
    assert vault.keys.held("t1100") == []
