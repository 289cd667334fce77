"""What a kill leaves behind: database, bus and files, put back to one state before each kill.

A receiver of all events is bound to the bus, so that what was published can be compared with what
was stored.
"""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING, Any, Protocol

from kombu import Exchange, Queue
from sqlalchemy import make_url

from events.bus.embedded.bus import embedded_url
from events.bus.embedded.sqlite import sqlite3
from events.bus.open import open_bus
from events.bus.topology import DEAD_LETTERS, EVENTS, WORK_QUEUES
from services.config_api.vault.key_file import make

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.services import PostgresServer

RECEIVER = "crash-receiver"
_RECEIVER = Queue(RECEIVER, Exchange(EVENTS, type="topic"), routing_key="#", durable=True)
_QUEUES = (*WORK_QUEUES, DEAD_LETTERS, RECEIVER)
_SAVE = """
    DO $$ DECLARE one record; BEGIN
        CREATE SCHEMA saved;
        FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('CREATE TABLE saved.%1$I AS TABLE public.%1$I', one.tablename);
        END LOOP;
        CREATE TABLE saved.place AS SELECT last_value, is_called FROM public.events_position_seq;
    END $$
"""
_RESTORE = """
    DO $$ DECLARE one record; BEGIN
        PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid();
        SET LOCAL session_replication_role = replica;  -- events are insert-only for all others
        FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('DELETE FROM public.%I', one.tablename);
            EXECUTE format('INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE'
                ' SELECT * FROM saved.%1$I', one.tablename);
        END LOOP;
        PERFORM setval('public.events_position_seq', last_value, is_called) FROM saved.place;
    END $$
"""


class World(Protocol):
    """One set-up; `data_dir` holds what lies in files."""

    @property
    def name(self) -> str:
        """What the report calls it."""
        ...

    data_dir: Path
    database_url: str

    @property
    def broker_url(self) -> str | None:
        """The broker's address, None for the embedded one."""
        ...

    def clear(self) -> None:
        """Begin with nothing but an empty database and a master key."""
        ...

    def save(self, *, whole: bool) -> None:
        """Remember what is there, also the tables' shapes if `whole`; nobody may be connected."""
        ...

    def restore(self) -> None:
        """Put back what was saved, with empty queues."""
        ...

    def received(self) -> list[str]:
        """Return the ids of all events that the receiver got, in the order of their coming."""
        ...

    def let_leases_lapse(self) -> None:
        """Let the time pass after which what a dead consumer held comes back."""
        ...


class Embedded:
    """SQLite and the embedded bus in one folder."""

    name = "embedded"
    broker_url: str | None = None

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder / "data"
        self.database_url = f"sqlite:///{self.data_dir / 'relaybook.db'}"
        self.bus = self.data_dir / "bus.db"
        self._saved = folder / "saved"

    def clear(self) -> None:
        _empty(self.data_dir)
        make(self.data_dir / "master.key")

    def save(self, *, whole: bool) -> None:
        del whole  # a file is copied as a whole anyway
        _copy(self.data_dir, self._saved)

    def restore(self) -> None:
        _copy(self._saved, self.data_dir)
        _bind_receiver(embedded_url(self.bus))

    def received(self) -> list[str]:
        found = self._on_bus("SELECT message_id FROM messages WHERE queue = ? ORDER BY id")
        return [row[0] for row in found]

    def let_leases_lapse(self) -> None:
        self._on_bus("UPDATE messages SET lease_until = lease_until - 3600 WHERE queue <> ?")

    def _on_bus(self, statement: str) -> list[Any]:
        with contextlib.closing(sqlite3.connect(str(self.bus), isolation_level=None)) as bus:
            rows: list[Any] = bus.execute(statement, (RECEIVER,)).fetchall()
            return rows


class Servers:
    """PostgreSQL and RabbitMQ: a database and a virtual host of its own.

    What is saved lies in a second schema of the same database, and only rows are put back: to drop
    and make a database takes a checkpoint of the whole server. Where an operation changes the
    tables themselves (`whole`), the database is made anew each time.
    """

    name = "servers"

    def __init__(self, folder: Path, server: PostgresServer, broker_url: str) -> None:
        self._server = server
        self.data_dir = folder / "data"
        self._saved_files = folder / "saved"
        self.database_url = server.create()
        self.broker_url = broker_url
        self._saved: str | None = None

    def clear(self) -> None:
        _empty(self.data_dir)
        make(self.data_dir / "master.key")
        self._again("template1")

    def save(self, *, whole: bool) -> None:
        self._forget()
        if whole:
            self._saved = self._server.create(template=_name(self.database_url))
        else:
            with self._server.connect(_name(self.database_url)) as connection:
                connection.execute(_SAVE)
        _copy(self.data_dir, self._saved_files)

    def restore(self) -> None:
        _copy(self._saved_files, self.data_dir)
        if self._saved is not None:
            self._again(_name(self._saved))
        else:
            with self._server.connect(_name(self.database_url)) as connection:
                connection.execute(_RESTORE)
        _bind_receiver(self.broker_url)

    def received(self) -> list[str]:
        with _channel(self.broker_url) as channel:
            return list(_taken(channel))

    def let_leases_lapse(self) -> None:
        """RabbitMQ gives back at once what a closed connection held."""

    def close(self) -> None:
        """Drop the databases."""
        self._forget()
        self._server.drop(self.database_url)

    def _forget(self) -> None:
        if self._saved is not None:
            self._server.drop(self._saved)
        self._saved = None

    def _again(self, template: str) -> None:
        self._server.drop(self.database_url)
        self.database_url = self._server.create(template=template, name=_name(self.database_url))


def _name(url: str) -> str:
    return str(make_url(url).database)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


@contextlib.contextmanager
def _channel(url: str) -> Iterator[Any]:
    connection = open_bus(url).broker.connect(heartbeat=False)  # type: ignore[attr-defined]  # both buses are kombu's
    try:
        yield connection.channel()
    finally:
        connection.release()


def _bind_receiver(url: str) -> None:
    with _channel(url) as channel:
        _RECEIVER(channel).declare()
        for queue in _QUEUES:
            channel.queue_purge(queue)


def _taken(channel: Any) -> Iterator[str]:
    while (message := channel.basic_get(RECEIVER, no_ack=True)) is not None:
        yield message.properties["message_id"]
