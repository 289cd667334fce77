"""The import page without a browser: formats, sealed files, plans that are too long to show."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from events.envelope import Cause
from services.config_api.application.context import Context
from services.config_api.bootstrap import build, prepare, utc_now
from services.config_api.domain.secret import Secret
from services.config_api.formats import age_header
from services.config_api.formats.age import sealed
from services.config_api.http.app import create_app
from services.config_api.http.cookies import cookie_name
from services.config_api.settings import read_settings
from tests.support.transfer import PASSPHRASE, write_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


@dataclass(frozen=True)
class Reader:
    """Somebody who is signed in."""

    client: FlaskClient
    csrf_token: str
    folder: Path

    def send(self, name: str, content: bytes, **fields: str) -> TestResponse:
        form = {"csrf_token": self.csrf_token, "mode": "new", "step": "plan", **fields}
        form["file"] = (BytesIO(content), name)  # type: ignore[assignment]  # werkzeug's form of a file
        headers = {"Sec-Fetch-Site": "same-origin"}
        return self.client.post("/import", data=form, headers=headers)

    def file(self, name: str, count: int) -> bytes:
        path = self.folder / "file"
        write_file(path, name, count)
        return path.read_bytes()


@pytest.fixture
def reader(tmp_path: Path, sqlite_url: str) -> Iterator[Reader]:
    key = base64.b64encode(bytes(range(32))).decode()
    environ = {
        "RELAYBOOK_DATA_DIR": str(tmp_path),
        "RELAYBOOK_DATABASE_URL": sqlite_url,
        "RELAYBOOK_MASTER_KEY": key,
    }
    settings = read_settings(environ)
    prepare(settings)
    relaybook = build(settings)
    link = relaybook.access.make_sign_in_link()
    assert link is not None
    ctx = Context(cause=Cause.by_system("test"), at=utc_now())
    entered = relaybook.access.sign_in(link.secret.reveal(), ctx)
    assert entered is not None
    session, cookie = entered
    client = create_app(relaybook).test_client()
    client.set_cookie(cookie_name(settings), cookie.reveal())
    yield Reader(client, session.csrf_token, tmp_path)
    relaybook.close()


@pytest.mark.parametrize(
    ("name", "ending"), [("json", "json"), ("yaml", "YML"), ("csv", "csv"), ("javamail", "xml")]
)
def test_the_end_of_a_name_tells_the_format(reader: Reader, name: str, ending: str) -> None:
    answer = reader.send(f"settings.{ending}", reader.file(name, 2))
    assert answer.status_code == 200
    assert "tenant-000001" in answer.get_data(as_text=True)


def test_a_name_that_tells_no_format_is_refused(reader: Reader) -> None:
    answer = reader.send("settings.xlsx", b"PK")
    assert answer.status_code == 422


def test_a_long_plan_shows_its_first_items_and_says_how_many_more_there_are(
    reader: Reader,
) -> None:
    text = reader.send("settings.json", reader.file("json", 412)).get_data(as_text=True)
    assert "tenant-000299" in text
    assert "tenant-000300" not in text
    assert "not shown here: 112" in text
    done = reader.send("settings.json", reader.file("json", 412), step="run")
    assert "The import is done" in done.get_data(as_text=True)


def test_an_invalid_setting_is_shown_with_the_plan(reader: Reader) -> None:
    content = reader.file("json", 3).replace(b"smtp.tenant-000001", b"no host")
    answer = reader.send("settings.json", content, step="run")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "/host" in text
    assert "tenant-000002" in text


def test_a_sealed_file_needs_its_passphrase(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(age_header, "WORK_FACTOR", 10)
    file = b"".join(sealed([reader.file("json", 2)], Secret(PASSPHRASE)))
    for wrong in ("", "wrong horse battery"):
        answer = reader.send("settings.json.age", file, passphrase=wrong)
        assert answer.status_code == 422
        assert "passphrase" in answer.get_data(as_text=True)
    text = reader.send("settings.json.age", file, passphrase=PASSPHRASE).get_data(as_text=True)
    assert "tenant-000001" in text
    assert PASSPHRASE not in text
