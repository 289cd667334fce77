"""Answers kept for idempotency keys, so that a retried command has one effect."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, bindparam, select

from events.smtp_setting import SecretRef
from events.store.port import AddRow, DropRow, RowWrite
from events.store.sql.failures import translated
from services.config_api.application.context import WriteRows
from services.config_api.application.sealing import Secrets
from services.config_api.read_model.operational_tables import idempotent_answers

KEPT_FOR = timedelta(hours=24)

_KEYS = ("principal", "method", "path", "key")
_FIND = select(idempotent_answers).where(
    *(idempotent_answers.c[name] == bindparam(f"of_{name}") for name in _KEYS),
    idempotent_answers.c.created_at > bindparam("since"),
)
_OLD = (
    select(idempotent_answers.c.headers, *(idempotent_answers.c[name] for name in _KEYS))
    .where(idempotent_answers.c.created_at <= bindparam("since"))
    .limit(500)
)
#: The header under which an answer that shows a secret names the sealed value of its body.
SEALED_HEADER = "Sealed"
#: The header of an answer whose body is kept compressed, because it may be long.
PACKED_HEADER = "Packed"
_PIECE = 16 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerKey:
    """What an idempotency key is valid for."""

    principal: str
    method: str
    path: str
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptAnswer:
    """The first answer to a request; `body` is the exact bytes (or packed), None without one."""

    request_sha256: str
    status: int
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptAnswers:
    """Reads and keeps answers; `engine` is for reading, `write_rows` writes in a transaction."""

    engine: Engine
    secrets: Secrets
    write_rows: WriteRows

    def find(self, key: AnswerKey, at: datetime) -> KeptAnswer | None:
        """Return the answer kept for a key, None if there is none or it is too old."""
        wanted = {f"of_{name}": value for name, value in asdict(key).items()}
        with translated(), self.engine.connect() as connection:
            row = connection.execute(_FIND, {**wanted, "since": at - KEPT_FOR}).one_or_none()
        if row is None:
            return None
        return KeptAnswer(
            request_sha256=row.request_sha256,
            status=row.status,
            headers=json.loads(row.headers),
            body=row.body,
        )

    def rows(self, key: AnswerKey, answer: KeptAnswer, at: datetime) -> Sequence[RowWrite]:
        """Return the rows that keep an answer in a command's transaction (`Context.remember`)."""
        values = {
            **asdict(key),
            "request_sha256": answer.request_sha256,
            "status": answer.status,
            "headers": json.dumps(dict(answer.headers)),
            "body": answer.body,
            "created_at": at,
        }
        return (AddRow(table=idempotent_answers, values=values),)

    def forget_old(self, at: datetime) -> int:
        """Delete answers older than 24 hours, shred what they sealed; returns how many (a page)."""
        with translated(), self.engine.connect() as connection:
            old = connection.execute(_OLD, {"since": at - KEPT_FOR}).all()
        rows: list[RowWrite] = []
        for answer in old:
            key = {name: getattr(answer, name) for name in _KEYS}
            rows.append(DropRow(table=idempotent_answers, key=key))
            sealed = json.loads(answer.headers).get(SEALED_HEADER)
            if sealed is not None:
                rows.append(self.secrets.drop(SecretRef(id=sealed, version=1)))
        self.write_rows(rows)
        return len(old)


def packed(pieces: Iterable[bytes]) -> bytes:
    """Return a long body as it is kept: compressed while it is made."""
    packer = zlib.compressobj()
    parts = [part for piece in pieces if (part := packer.compress(piece))]
    return b"".join([*parts, packer.flush()])


def unpacked(kept: bytes) -> Iterator[bytes]:
    """Return the pieces of a long body that was kept."""
    unpacker = zlib.decompressobj()
    waiting = memoryview(kept)
    while waiting:
        piece, waiting = waiting[:_PIECE], waiting[_PIECE:]
        yield unpacker.decompress(piece)
    yield unpacker.flush()
