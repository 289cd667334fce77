"""The running service does what its description says: schemathesis asks it, links and all.

Seconds in a usual run; RELAYBOOK_SWEEP=full asks many times more, with another seed each time.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.http.served import served

if TYPE_CHECKING:
    from tests.integration.http.served import Served

_HERE = Path(__file__).parent
_FULL = os.environ.get("RELAYBOOK_SWEEP") == "full"
_EXAMPLES = "200" if _FULL else "5"
_SECONDS = 3000 if _FULL else 110
_LINKS = re.compile(r"API Links:\s+(\d+) covered")


def run(service: Served, folder: Path, *options: str) -> str:
    """Return what a run said, without a failure; fails with it otherwise."""
    program = Path(sys.executable).with_name("schemathesis")
    given = [] if _FULL else ["--seed", "1"]
    done = subprocess.run(
        [
            program, "--config-file", _HERE / "schemathesis.toml",
            "run", f"{service.url}/v1/openapi.json",
            "--header", f"Authorization: Bearer {service.token}",
            "--max-examples", _EXAMPLES, "--continue-on-failure", "--no-color",
            "--request-timeout", "30", "--generation-database", "none", *given, *options,
        ],
        cwd=folder,
        env=os.environ
        | {
            "SCHEMATHESIS_HOOKS": str(_HERE / "schemathesis_hooks.py"),
            "RELAYBOOK_OWN_TOKEN_ID": service.token_id,
        },
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )  # fmt: skip
    told = done.stdout + done.stderr
    assert done.returncode == 0, told[-12_000:] + service.log.read_text(errors="replace")[-4_000:]
    return told


@pytest.mark.timeout(_SECONDS + 60)
def test_every_answer_is_described_whatever_is_asked(sqlite_url: str, tmp_path: Path) -> None:
    with served(tmp_path, sqlite_url) as service:
        told = run(service, tmp_path)
        links = _LINKS.search(told)
        assert links is not None, told
        assert int(links[1]) > 0, told
        print(told[told.rindex("SUMMARY") :])  # noqa: T201 -- the counts, for whoever asks with -s


@pytest.mark.timeout(_SECONDS + 60)
def test_the_other_database_answers_the_same(postgres_url: str, tmp_path: Path) -> None:
    with served(tmp_path, postgres_url) as service:
        told = run(service, tmp_path, "--phases", "examples,fuzzing,stateful")
        assert "Tested:" in told
