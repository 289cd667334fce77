"""Settings of 1.1 KB, in every peer's own store."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

import httpx
import psycopg
from sqlalchemy import make_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BYTES: Final = 1_100
_TRANSACTION: Final = 100


def setting_id(number: int) -> str:
    """Return the ID of a setting."""
    return f"t{number:07}"


def document(number: int) -> str:
    """Return a setting as the service answers it, 1.1 KB long."""
    name = setting_id(number)
    told: dict[str, Any] = {
        "id": name,
        "host": f"smtp.{name}.example",
        "port": 587,
        "security": "starttls",
        "tls_protocols": ["TLSv1.2", "TLSv1.3"],
        "ca_pem": None,
        "auth": {"method": "password", "user": f"mailer@{name}.example", "mechanism": None,
                 "provider_id": None},
        "x_mailer": None,
        "debug": False,
        "connection_timeout_ms": 60000,
        "timeout_ms": 60000,
        "session_properties": {"mail.smtp.localhost": f"app.{name}.example", "mail.note": ""},
        "host_unicode": f"smtp.{name}.example",
        "is_default": False,
        "origin": "imported",
        "version": 1,
        "secret": "stored",
        "created_at": "2026-11-30T12:00:00.123456Z",
        "updated_at": "2026-11-30T12:00:00.123456Z",
        "updated_by": "user:ann",
    }  # fmt: skip
    short = json.dumps(told, separators=(",", ":"))
    told["session_properties"]["mail.note"] = "x" * (_BYTES - len(short))
    return json.dumps(told, separators=(",", ":"))


def into_postgres(url: str, begin: int, end: int) -> None:
    """Put rows into the read model, as a rebuild does."""
    address = plain(url)
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        columns = "(id, version, is_default, search, document)"
        with cursor.copy(f"COPY smtp_settings {columns} FROM STDIN".encode()) as copy:
            for number in range(begin, end):
                name = setting_id(number)
                copy.write_row((name, 1, False, name, document(number)))
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE smtp_settings")


def plain(url: str) -> str:
    """Return a database's address as psycopg knows it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def into_files(folder: Path, count: int) -> None:
    """Write a file a setting."""
    folder.mkdir()
    for number in range(count):
        (folder / setting_id(number)).write_text(document(number), encoding="ascii")


def into_etcd(url: str, count: int) -> None:
    """Put a key a setting, many in a transaction."""
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        for begin in range(0, count, _TRANSACTION):
            puts = list(_puts(begin, min(begin + _TRANSACTION, count)))
            client.post("/v3/kv/txn", json={"success": puts}).raise_for_status()


def range_request(number: int) -> str:
    """Return what asks etcd's gateway for a setting."""
    return json.dumps({"key": _base64(setting_id(number))}, separators=(",", ":"))


def grpc_request(number: int) -> bytes:
    """Return what asks etcd over gRPC: a RangeRequest with its first field, the key."""
    key = setting_id(number).encode()
    message = b"\x0a" + bytes([len(key)]) + key
    return b"\x00" + len(message).to_bytes(4, "big") + message


def _puts(begin: int, end: int) -> Iterator[dict[str, Any]]:
    for number in range(begin, end):
        key, value = _base64(setting_id(number)), _base64(document(number))
        yield {"requestPut": {"key": key, "value": value}}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
