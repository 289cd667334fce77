"""The five minutes of the READMEs, typed as they stand there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.integration.cli.running import ROOT, Up
from tests.support.services import missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCUMENTS = ("README.md", "README.ja.md")
#: What a comment beside a command says of its end.
FAILS = re.compile("fails|失敗")


def blocks(document: str, begin: str) -> list[list[str]]:
    """Return the lines of each shell block that holds a command beginning so."""
    found = re.findall(r"```sh\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)
    joined = (block.replace("\\\n", " ").splitlines() for block in found)
    return [lines for lines in joined if any(line.startswith(begin) for line in lines)]


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Up]:
    up = Up(tmp_path / "var")
    up.start("--demo")
    yield up
    up.end()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_commands_end_as_the_comments_say(fresh: Up, document: str) -> None:
    lines = [
        line
        for line in blocks(document, "relaybook settings list")[0]
        if line.startswith("relaybook")
    ]
    assert len(lines) == 17
    for line in lines:
        command, _, comment = line.partition("#")
        arguments = [_placed(word, fresh) for word in shlex.split(command)[1:]]
        done = fresh.run(*arguments)
        assert done.returncode == (1 if FAILS.search(comment) else 0), done.stderr
        for code in re.findall(r"[a-z]+_[a-z_]+|refused", comment):
            assert code in done.stdout


def _placed(word: str, up: Up) -> str:
    """Return a word with the checkout and the data directory of the test for those of a reader."""
    if word.startswith("var/"):
        return str(up.data_dir / word.removeprefix("var/"))
    return str(ROOT / word) if word.startswith("deploy/") else word


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_requests_of_curl_are_answered(fresh: Up, document: str) -> None:
    if shutil.which("curl") is None:
        missing("no curl")
    (lines,) = blocks(document, "TOKEN=")
    script = (
        "\n".join(lines)
        .replace("http://127.0.0.1:8587", fresh.url)
        .replace("var/admin.token", shlex.quote(str(fresh.data_dir / "admin.token")))
        .replace("curl -s", "curl --silent --show-error --fail --noproxy '*'")
    )
    done = subprocess.run(
        ["sh", "-eu", "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert '"id":"acme2"' in done.stdout
    assert '"state":"queued"' in done.stdout
