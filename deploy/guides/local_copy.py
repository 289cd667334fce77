"""Keeps a local copy of all settings: the bus says that one changed, the API says what it is now.

    RELAYBOOK_URL=https://relaybook.example RELAYBOOK_TOKEN=rb_… \
    RELAYBOOK_BROKER_URL=amqp://shop:…@broker.example// python local_copy.py settings.db

The token needs the roles reader and auditor. Without a broker the log is asked every few seconds.
An example for authors of services: it needs httpx and kombu and knows nothing of Relaybook's code.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from typing import Any, Final

import httpx
from kombu import Connection, Consumer, Exchange, Queue

_PAGE: Final = 500
_PAUSE_S: Final = 5.0
_QUEUE: Final = "shop.smtp-settings"  # name it after your service
_KEPT_S: Final = 86_400  # a service that is gone for a day catches up by the log alone
_SETTING: Final = "smtp_setting/"
_TABLES: Final = """
    CREATE TABLE IF NOT EXISTS settings (id TEXT PRIMARY KEY, document TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS log (position INTEGER NOT NULL);
    INSERT INTO log SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM log);
"""


class LocalCopy:
    """The settings of all tenants in a file of one's own."""

    def __init__(self, path: str, relaybook: httpx.Client) -> None:
        self._rows = sqlite3.connect(path, isolation_level=None)
        self._rows.executescript(_TABLES)
        self._relaybook = relaybook

    def setting_for(self, tenant: str) -> dict[str, Any] | None:
        """Return the setting that applies to a tenant: its own, else that of `default`."""
        for name in (tenant, "default"):
            row = self._rows.execute("SELECT document FROM settings WHERE id = ?", (name,))
            if found := row.fetchone():
                setting: dict[str, Any] = json.loads(found[0])
                return setting
        return None

    def refresh(self, subject: str) -> None:
        """Read one setting anew: no matter how often or how late its event came."""
        if not subject.startswith(_SETTING):
            return
        name = subject.removeprefix(_SETTING)
        answer = self._relaybook.get(f"/v1/smtp-settings/{name}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            self._rows.execute("DELETE FROM settings WHERE id = ?", (name,))
            return
        answer.raise_for_status()
        self._rows.execute("REPLACE INTO settings VALUES (?, ?)", (name, answer.text))

    def catch_up(self) -> None:
        """Read what changed since the position that was kept, page by page to the end."""
        (position,) = self._rows.execute("SELECT position FROM log").fetchone()
        while True:
            asked = {"after": position, "limit": _PAGE}
            page = self._relaybook.get("/v1/events", params=asked).raise_for_status().json()
            for subject in {event["subject"] for event in page["items"]}:
                self.refresh(subject)
            if page["next"] == position:
                return
            position = page["next"]
            self._rows.execute("UPDATE log SET position = ?", (position,))


def follow(copy: LocalCopy, broker: str) -> None:
    """Refresh what the bus names, until the connection breaks."""
    queue = Queue(
        _QUEUE,
        Exchange("relaybook.events", "topic", durable=True),
        routing_key="smtp_setting.#",
        expires=_KEPT_S,
    )

    def changed(_body: object, message: Any) -> None:  # noqa: ANN401 -- kombu has no types
        copy.refresh(message.headers["ce-subject"])
        message.ack()  # only now: what this program dies over comes again

    with Connection(broker, heartbeat=30) as connection:
        queue(connection.default_channel).declare()
        copy.catch_up()  # behind the declaration, so that nothing falls in between
        with Consumer(connection, [queue], callbacks=[changed], accept=["json"], prefetch_count=64):
            try:
                _drain(connection)
            except connection.connection_errors as error:
                raise ConnectionError(str(error)) from error


def _drain(connection: Connection) -> None:
    while True:
        try:
            connection.drain_events(timeout=1)
        except TimeoutError:
            connection.heartbeat_check()


def main() -> None:
    """Follow for ever; whatever breaks is begun again with catching up."""
    broker = os.environ.get("RELAYBOOK_BROKER_URL")
    headers = {"Authorization": f"Bearer {os.environ['RELAYBOOK_TOKEN']}"}
    with httpx.Client(base_url=os.environ["RELAYBOOK_URL"], headers=headers) as relaybook:
        copy = LocalCopy(sys.argv[1], relaybook)
        while True:
            try:
                follow(copy, broker) if broker else copy.catch_up()
            except (httpx.HTTPError, OSError) as error:
                print(f"again in {_PAUSE_S:.0f} s: {error}", file=sys.stderr)
            time.sleep(_PAUSE_S)


if __name__ == "__main__":
    main()
