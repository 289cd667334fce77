"""Where a benchmark of the HTTP API runs: a folder, a database, a token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from services.config_api.bootstrap import prepare
from services.config_api.settings import read_settings
from tests.bench._reads_data import plain
from tests.bench._reads_peers import Beside, sessions_of
from tests.support.relaybook import MASTER_KEY
from tests.support.services import PostgresServer, named_postgres


@dataclass(frozen=True)
class Place:
    """Where everything is: a folder, the product's environment, its token, its database."""

    folder: Path
    environment: Mapping[str, str]
    token: str
    url: str

    @property
    def beside(self) -> Beside:
        """What peers share with the product."""
        return Beside(url=plain(self.url), token=self.token, database=sessions_of(self.url))

    def sub(self, name: str) -> Path:
        """Return a new folder."""
        made = self.folder / name
        made.mkdir()
        return made


@contextmanager
def a_place(server: PostgresServer | None = None) -> Iterator[Place]:
    """Give a database with the schema and a token, and a folder."""
    if server is None:
        server = named_postgres()
    url = server.create()
    try:
        with TemporaryDirectory() as folder:
            environment = {
                "RELAYBOOK_DATA_DIR": f"{folder}/data", "RELAYBOOK_DATABASE_URL": url,
                "RELAYBOOK_MASTER_KEY": MASTER_KEY, "RELAYBOOK_LOG_LEVEL": "error",
            }  # fmt: skip
            settings = read_settings(environment)
            prepare(settings)
            token = settings.admin_token_path.read_text("ascii").strip()
            yield Place(Path(folder), environment, token, url)
    finally:
        server.drop(url)
