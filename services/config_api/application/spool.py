"""What waits in a file, so that any number of it fits in memory."""

from __future__ import annotations

import io
import pickle
import weakref
import zlib
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Final, Generic, TypeVar

from sqlalchemy import Table

from events.store.sql.tables import metadata

T = TypeVar("T")

_IN_MEMORY: Final = 4 * 1024 * 1024
_BATCH: Final = 250
_SIZE_BYTES: Final = 8
_FASTEST: Final = 1


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
    batch: list[T] = _Unpickler(io.BytesIO(zlib.decompress(packed))).load()
    return batch


class _Pickler(pickle.Pickler):
    def persistent_id(self, obj: object) -> str | None:
        """Name a table instead of copying it."""
        return obj.name if isinstance(obj, Table) else None


class _Unpickler(pickle.Unpickler):
    """Reads only what this process wrote into a file without a name."""

    def persistent_load(self, pid: str) -> Table:
        """Return the table of a name."""
        return metadata.tables[pid]
