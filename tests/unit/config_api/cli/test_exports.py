from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.unit.config_api.cli.conftest import Done, Service

EXPORTS = "/v1/exports"


@pytest.fixture
def exported(service: Service) -> Service:
    service.answers["POST", EXPORTS] = lambda _: httpx.Response(200, content=b"the file\n")
    return service


def asked(service: Service) -> dict[str, object]:
    document: dict[str, object] = json.loads(service.requests[-1].content)
    return document


def test_without_options_all_goes_to_stdout_as_json(
    exported: Service, relaybook: Callable[..., Done]
) -> None:
    done = relaybook("export")
    assert (done.code, done.out, done.err) == (0, "the file\n", "")
    assert asked(exported) == {"ids": None, "format": "json", "lossy": False, "secrets": "none"}


def test_the_file_says_the_format(
    exported: Service, relaybook: Callable[..., Done], tmp_path: Path
) -> None:
    path = tmp_path / "settings.csv"
    done = relaybook("export", "--id", "a", "--id", "b", "--lossy", "-o", str(path))
    assert done.code == 0, done.err
    assert done.out == ""
    assert path.read_bytes() == b"the file\n"
    assert asked(exported) == {
        "ids": ["a", "b"], "format": "csv", "lossy": True, "secrets": "none",
    }  # fmt: skip
    told = relaybook("export", "-o", str(path), "--format", "yaml", "--json")
    assert json.loads(told.out) == {"file": str(path), "format": "yaml", "bytes": 9}


def test_a_sealed_file_is_private_and_its_passphrase_in_the_body_only(
    exported: Service, relaybook: Callable[..., Done], tmp_path: Path
) -> None:
    path, secret = tmp_path / "settings.json.age", tmp_path / "secret"
    secret.write_text("合言葉\n")
    done = relaybook("export", "--sealed", "--passphrase-file", str(secret), "-o", str(path))
    assert done.code == 0, done.err
    assert path.stat().st_mode & 0o777 == 0o600
    assert asked(exported)["passphrase"] == "合言葉"
    assert asked(exported)["secrets"] == "sealed"
    assert "合言葉" not in str(exported.requests[-1].url)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["-o", "a.json.age"], "--sealed"),
        (["-o", "a.doc"], "--format"),
        (["--passphrase-file", "x"], "--sealed"),
        (["--json", "--format", "csv"], "-o FILE"),
        (["--format", "toml"], "toml"),
    ],
)
def test_what_would_surprise_is_refused(
    exported: Service, relaybook: Callable[..., Done], line: list[str], told: str
) -> None:
    done = relaybook("export", *line)
    assert done.code == 2
    assert told in done.err
    assert exported.requests == []


def test_a_refusal_leaves_no_file(
    service: Service, relaybook: Callable[..., Done], tmp_path: Path
) -> None:
    errors = [{"pointer": "/ids/0", "code": "no_setting", "detail": "There is no setting a."}]
    service.refuse("POST", EXPORTS, 422, "validation-failed", errors=errors)
    done = relaybook("export", "--id", "a", "-o", str(tmp_path / "a.json"))
    assert done.code == 1
    assert "/ids/0: There is no setting a." in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_breaks_off_does_not_appear(
    service: Service, relaybook: Callable[..., Done], tmp_path: Path
) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise httpx.ReadError("reset")

    service.answers["POST", EXPORTS] = lambda _: httpx.Response(200, content=pieces())
    done = relaybook("export", "-o", str(tmp_path / "a.json"))
    assert done.code == 69
    assert list(tmp_path.iterdir()) == []
