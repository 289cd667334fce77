"""A service with a sealed log on a database of the test's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from events.sealing.verify import Report, verify
from events.store.port import Expected
from services.config_api.application.sealed_log.bundle import BundleRequest
from services.config_api.application.sealed_log.packing import write_files
from services.config_api.bootstrap import build
from services.config_api.settings import read_settings
from tests.support.events import a_cause, an_append, an_event
from tests.support.relaybook import MASTER_KEY, Watch, context

if TYPE_CHECKING:
    from services.config_api.bootstrap import Relaybook

TENANTS = ("acme", "globex", None)


@dataclass(frozen=True)
class Kept:
    """What the tests do with it."""

    relaybook: Relaybook
    watch: Watch

    def append(self, count: int, *, begin: int = 0) -> None:
        """Append events of three tenants to streams of two versions each."""
        for number in range(begin, begin + count):
            tenant = TENANTS[number // 2 % 3]
            event = an_event(data={"n": number, "name": "請求書"}, tenant=tenant)
            expected = Expected.NO_STREAM if number % 2 == 0 else 1
            append = an_append(f"test-{number // 2}", event, expected=expected)
            self.relaybook.store.append([append], cause=a_cause(), at=self.watch())
            self.watch.forward(seconds=1)

    def seal(self) -> None:
        """Seal everything there is, as the relay does."""
        sealing = self.relaybook.log.sealer.begin()
        while sealing.round():
            pass

    def bundle(self, folder: Path, **request: Any) -> Path:
        write_files(self.relaybook.log.bundles.files(BundleRequest(**request)), folder)
        return folder

    def verify(self, folder: Path, *, since: str | None = None, keys: Sequence[str] = ()) -> Report:
        return verify(folder, since=since, keys=keys or [self.vkey])

    @property
    def vkey(self) -> str:
        return self.relaybook.log.keys.all()[0].verifier.text

    def rotate(self) -> str:
        ctx = context(self.watch())
        return self.relaybook.log.rotation.rotate(ctx).verifier


@contextmanager
def sealed_log(url: str, folder: Path, **variables: str) -> Iterator[Kept]:
    """Give a service on a migrated database without an event."""
    watch = Watch()
    settings = read_settings(
        {
            "RELAYBOOK_DATA_DIR": str(folder),
            "RELAYBOOK_DATABASE_URL": url,
            "RELAYBOOK_MASTER_KEY": MASTER_KEY,
            **variables,
        }
    )
    relaybook = build(settings, clock=watch)
    try:
        yield Kept(relaybook, watch)
    finally:
        relaybook.close()
