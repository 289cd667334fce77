"""The vendored files are the pristine ones of their packages."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

VENDOR = Path("services/config_api/web/static/vendor")


def test_every_vendored_file_is_the_one_that_was_recorded() -> None:
    packages = json.loads((VENDOR / "vendor.json").read_text())
    recorded = {name: digest for package in packages for name, digest in package["files"].items()}
    found = {
        str(path.relative_to(VENDOR)): sha512(path)
        for path in VENDOR.rglob("*.*")
        if path.is_file() and path.name != "vendor.json"
    }
    assert found == recorded


def test_every_vendored_package_comes_with_its_licence() -> None:
    folders = [path for path in VENDOR.iterdir() if path.is_dir()]
    assert folders
    assert [path for path in folders if not (path / "LICENSE").is_file()] == []


def sha512(path: Path) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
