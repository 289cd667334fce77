"""What waits in a file, so that any number of it fits in memory."""

from __future__ import annotations

import io
import pickle
import weakref
import zlib
from collections.abc import Callable, Iterator
from dataclasses import fields
from operator import attrgetter
from tempfile import SpooledTemporaryFile
from typing import Any, Final, Generic, NamedTuple, TypeVar

from sqlalchemy import Table

from events.store.sql.tables import metadata

T = TypeVar("T")

_IN_MEMORY: Final = 4 * 1024 * 1024
_BATCH: Final = 250
_SIZE_BYTES: Final = 8
_FASTEST: Final = 1


class _Members(NamedTuple):
    get: Callable[[object], tuple[Any, ...]]
    puts: tuple[Callable[[object, Any], None], ...]


_known: dict[type[Any], _Members] = {}


class Spool(Generic[T]):
    """Keeps items in order, compressed; may be read again and again, also by two at once.

    Nothing in it may be a secret in the clear: `Secret` refuses to be put in. The file goes with
    the spool.
    """

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 -- closed with the spool
        self._batch: list[T] = []
        self._end = 0
        self._count = 0
        weakref.finalize(self, self._file.close)

    def __len__(self) -> int:
        return self._count

    def put(self, item: T) -> None:
        """Add an item behind the others."""
        self._batch.append(item)
        self._count += 1
        if len(self._batch) >= _BATCH:
            self._flush()

    def __iter__(self) -> Iterator[T]:
        self._flush()
        at = 0
        while at < self._end:
            self._file.seek(at)
            size = int.from_bytes(self._file.read(_SIZE_BYTES), "big")
            packed = self._file.read(size)
            at += _SIZE_BYTES + size
            yield from _unpacked(packed)

    def _flush(self) -> None:
        if not self._batch:
            return
        packed = _packed(self._batch)
        self._batch = []
        self._file.seek(self._end)
        self._file.write(len(packed).to_bytes(_SIZE_BYTES, "big") + packed)
        self._end += _SIZE_BYTES + len(packed)


def _packed(batch: list[T]) -> bytes:
    plain = io.BytesIO()
    _Pickler(plain, protocol=pickle.HIGHEST_PROTOCOL).dump(batch)
    return zlib.compress(plain.getbuffer(), _FASTEST)


def _unpacked(packed: bytes) -> list[T]:
    """Read only what this process wrote, into a file without a name."""
    batch: list[T] = pickle.loads(zlib.decompress(packed))  # noqa: S301 -- nobody else wrote it
    return batch


class _Pickler(pickle.Pickler):
    """Takes tables by their names, and dataclasses apart: they themselves ask for their fields."""

    def reducer_override(self, obj: Any) -> Any:  # noqa: ANN401 -- as pickle has it
        """Return what makes an object again, for pickle."""
        if isinstance(obj, Table):
            return _table, (obj.name,)
        kind: type[Any] = type(obj)
        if hasattr(kind, "__dataclass_fields__"):
            return _made, (kind, *_members(kind).get(obj))
        return NotImplemented


def _table(name: str) -> Table:
    return metadata.tables[name]


def _made(kind: type[Any], *values: object) -> object:
    """Return a dataclass of its fields' values, past its being frozen."""
    made: object = object.__new__(kind)
    for put, value in zip(_members(kind).puts, values, strict=True):
        put(made, value)
    return made


def _members(kind: type[Any]) -> _Members:
    """Return how a dataclass with slots is taken apart and put together."""
    if kind not in _known:
        names = [one.name for one in fields(kind)]
        if len(names) == 1:
            names *= 2  # to get a tuple; the same value is put twice
        puts = tuple(getattr(kind, name).__set__ for name in names)
        _known[kind] = _Members(get=attrgetter(*names), puts=puts)
    return _known[kind]
