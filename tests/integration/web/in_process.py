"""Pages without a browser: what they say, to whom, and what their forms do without script."""

from __future__ import annotations

import base64
import html
import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from services.config_api.bootstrap import build, prepare
from services.config_api.http.app import create_app
from services.config_api.settings import read_settings
from tests.integration.http.asking import Service, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from werkzeug.test import TestResponse

SETTING = {
    "id": "acme",
    "host": "smtp.acme.example",
    "auth": {"method": "password", "user": "mailer", "password": "correct horse"},
}


@contextmanager
def a_service(folder: Path, template: Path) -> Iterator[Service]:
    """Give a service on a copy of a migrated database."""
    path = folder / "store.db"
    shutil.copy(template, path)
    watch = Watch()
    settings = read_settings(
        {
            "RELAYBOOK_DATA_DIR": str(folder),
            "RELAYBOOK_DATABASE_URL": f"sqlite:///{path}",
            "RELAYBOOK_MASTER_KEY": base64.b64encode(bytes(range(32))).decode(),
        }
    )
    prepare(settings, clock=watch)
    relaybook = build(settings, clock=watch)
    yield Service(create_app(relaybook), relaybook, watch)
    relaybook.close()


def said(answer: TestResponse, status: int = 200) -> str:
    """Return the words of a page's content, without its tags."""
    text = answer.get_data(as_text=True)
    assert answer.status_code == status, text[-3000:]
    main = text.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())
