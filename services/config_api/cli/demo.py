"""The demo as `relaybook up` sees it: its SMTP server's place, and its settings over HTTP."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from deploy.demo.arrangement import HOST, Arrangement, arrange
from deploy.demo.sample_settings import SAMPLE_FILE, documents
from services.config_api.cli.client import Client
from services.config_api.cli.failures import Refused
from services.config_api.cli.language import current

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.config_api.settings import Settings

_SETTINGS: Final = "/v1/smtp-settings"
_NOT_FOUND: Final = 404


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """The demo of one data directory."""

    arrangement: Arrangement
    token_path: Path

    @classmethod
    def arranged(cls, settings: Settings) -> Demo:
        """Return the demo, its ports and certificates made where they lack."""
        arrangement = arrange(settings.data_dir / "demo", datetime.now(UTC))
        return cls(arrangement=arrangement, token_path=settings.admin_token_path)

    @property
    def folder(self) -> Path:
        """Where its SMTP server finds ports, password and certificate."""
        return self.arrangement.folder

    @property
    def setting_ids(self) -> list[str]:
        """The IDs of its settings."""
        return [document["id"] for document in documents(self.arrangement)]

    def probe_allow(self, others: str) -> str:
        """Return what tests may reach: what was allowed, and the demo's ports."""
        return ",".join(filter(None, (others, self.arrangement.probe_allow())))

    def register(self, url: str) -> None:
        """Register its settings, or bring them to its ports; what is right already stays."""
        token = self.token_path.read_text(encoding="ascii").strip()
        client = Client(url, token, language=current())
        for document in documents(self.arrangement):
            self._bring(client, document)

    def commands(self) -> list[str]:
        """Return what a newcomer may type next."""
        program = _program()
        tests = [f"{program} test {setting_id}" for setting_id in self.setting_ids]
        sample = os.path.relpath(SAMPLE_FILE)
        return [*tests, f"{program} import {sample} --mode new --dry-run"]

    def _bring(self, client: Client, document: dict[str, Any]) -> None:
        path = f"{_SETTINGS}/{document['id']}"
        try:
            stored = client.get(path)
        except Refused as refusal:
            if (refusal.problem or {}).get("status") != _NOT_FOUND:
                raise
            client.write("POST", _SETTINGS, document)
            return
        if self._has_moved(stored.document):
            client.write("PUT", path, document, if_match=stored.etag)

    def _has_moved(self, stored: Mapping[str, Any]) -> bool:
        """Tell whether a setting still points to where the demo was; others are a person's."""
        there = stored["port"] in asdict(self.arrangement.ports).values()
        trusted = (stored["ca_pem"] or "").strip() == self.arrangement.ca_pem.strip()
        return stored["host"] == HOST and not (there and trusted)


def _program() -> str:
    """Return how a newcomer types this program: by name where PATH leads to it, else by path."""
    found, own = shutil.which("relaybook"), Path(sys.executable).with_name("relaybook")
    if not own.exists() or (found is not None and own.samefile(found)):
        return "relaybook"
    return os.path.relpath(own)
