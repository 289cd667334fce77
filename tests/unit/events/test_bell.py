"""A bell wakes who waits for a name, also where the system cannot tell of it."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from events import bell as module
from events.bell import Bell, Ear

NAMES = ("tests", "detections")
LONG_SECONDS = 30.0


class Library:
    """A libc whose calls answer so; without an answer it lacks the first."""

    def __init__(self, *, instance: int | None, watch: int) -> None:
        self._watch = watch
        if instance is not None:
            self.inotify_init1 = lambda _flags: instance

    def inotify_add_watch(self, *_: object) -> int:
        return self._watch


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "file-bell")


def test_a_ring_is_seen_by_other_bells_of_the_file_for_its_name_alone(path: str) -> None:
    with closing(Bell(path)) as ringing, closing(Bell(path)) as looking:
        before = looking.last(NAMES)
        ringing.ring(["tests"])
        after = looking.last(NAMES)
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_rings_are_told_apart(path: str) -> None:
    with closing(Bell(path)) as bell:
        seen = set()
        for _ in range(100):
            bell.ring(["tests"])
            seen |= set(bell.last(["tests"]))
    assert len(seen) == 100


def test_a_bell_is_its_owners_alone(path: str) -> None:
    Bell(path).close()
    assert Path(path).stat().st_mode & 0o777 == 0o600


def test_a_bell_is_given_to_the_owner_of_its_folder_where_that_may_be(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []

    def fchown(_descriptor: int, user: int, group: int) -> None:
        given.append((user, group))
        raise PermissionError("not yours to give")

    monkeypatch.setattr(os, "fchown", fchown)
    Bell(path).close()
    folder = Path(path).parent.stat()
    assert given == [(folder.st_uid, folder.st_gid)]


def test_a_bell_that_cannot_be_made_leaves_nothing_open(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("the disk is full")

    open_before = _open_descriptors()
    monkeypatch.setattr(os, "ftruncate", refuse)
    with pytest.raises(OSError, match="full"):
        Bell(path)
    assert _open_descriptors() == open_before


def test_a_ring_ends_a_wait_and_one_before_it_is_not_lost(path: str) -> None:
    with closing(Bell(path)) as bell, closing(Ear(path)) as ear:
        later = threading.Timer(0.02, bell.ring, (["tests"],))
        later.start()
        while not bell.last(["tests"])[0]:
            ear.wait(LONG_SECONDS)
        later.join()
        begun = time.monotonic()
        bell.ring(["tests"])
        ear.wait(LONG_SECONDS)
        assert time.monotonic() - begun < module._HEARING / 2
        ear.forget()
        ear.forget()
        ear.wait(0.001)


@pytest.mark.parametrize(
    ("instance", "watch"), [(None, 0), (-1, 0)], ids=["no inotify", "no instance left"]
)
def test_who_hears_nothing_looks_more_often(
    path: str, monkeypatch: pytest.MonkeyPatch, instance: int | None, watch: int
) -> None:
    library = Library(instance=instance, watch=watch)
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: library)
    with closing(Ear(path)) as ear:
        assert ear.descriptor is None
        ear.forget()
        begun = time.monotonic()
        ear.wait(LONG_SECONDS)
        assert module._DEAF / 2 < time.monotonic() - begun < LONG_SECONDS / 2


def test_an_instance_that_cannot_watch_is_given_back(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = os.open(os.devnull, os.O_RDONLY)
    library = Library(instance=instance, watch=-1)
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: library)
    assert Ear(path).descriptor is None
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(instance)


def _open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
