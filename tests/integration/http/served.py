"""The service as an operator runs it: `relaybook serve` on a database, and tokens to ask it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import httpx

from events.access import Role
from services.config_api.bootstrap import prepare
from services.config_api.settings import read_settings
from tests.support.ports import free_port
from tests.support.processes import RELAYBOOK, Processes, is_ready, wait_until
from tests.support.relaybook import MASTER_KEY

if TYPE_CHECKING:
    from pathlib import Path

_START_SECONDS = 60.0


@dataclass(frozen=True)
class Served:
    """A running service; `token` has every role."""

    url: str
    token: str
    token_id: str
    log: Path

    def description(self) -> dict[str, Any]:
        described: dict[str, Any] = httpx.get(f"{self.url}/v1/openapi.json", trust_env=False).json()
        return described


@contextmanager
def served(data_dir: Path, database_url: str) -> Iterator[Served]:
    """Serve from a data directory until the block ends."""
    bind = f"127.0.0.1:{free_port()}"
    values = {
        "RELAYBOOK_DATA_DIR": str(data_dir),
        "RELAYBOOK_DATABASE_URL": database_url,
        "RELAYBOOK_BIND": bind,
        "RELAYBOOK_TEST_RATE": "off",
        "RELAYBOOK_MASTER_KEY": MASTER_KEY,
    }
    settings = read_settings(values)
    prepare(settings)
    with Processes(values, data_dir) as processes:
        processes.start([*RELAYBOOK, "serve"])
        url = f"http://{bind}"
        wait_until(lambda: is_ready(url), seconds=_START_SECONDS, what="the service is ready")
        made = httpx.post(
            f"{url}/v1/tokens",
            json={"name": "everything", "roles": list(get_args(Role))},
            headers={"Authorization": f"Bearer {settings.admin_token_path.read_text().strip()}"},
            trust_env=False,
        ).json()
        yield Served(url, made["token"], made["id"], data_dir / "0.log")
