"""Commands of the product, each a process of its own that need not import the product again.

To import it costs more than most commands do. Whatever is about a program's own start runs the
program itself: `relaybook up`, what the documents say, and the tests that name `RELAYBOOK`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.config_api.cli.main import COMMANDS, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SECONDS: Final = 60
_WRITTEN: Final = os.O_WRONLY | os.O_CREAT
_MODES: Final = (os.O_RDONLY, _WRITTEN, _WRITTEN)
_PRIVATE: Final = 0o600

_forks = get_context("forkserver")
_forks.set_forkserver_preload(
    [__name__, "httpx", *{place.partition(":")[0] for place, _ in COMMANDS.values()}]
)


def relaybook(
    *arguments: str, environment: Mapping[str, str], stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run `relaybook ARGUMENTS` with exactly this environment; kills it after a minute."""
    command = ["relaybook", *arguments]
    with tempfile.TemporaryDirectory() as name:
        given, out, err = (Path(name, one) for one in ("stdin", "stdout", "stderr"))
        given.write_bytes(stdin)
        process = _forks.Process(
            target=_become, args=(arguments, dict(environment), (given, out, err))
        )
        process.start()
        process.join(_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(command, _SECONDS)
        ended = subprocess.CompletedProcess(
            command, process.exitcode, out.read_bytes(), err.read_bytes()
        )
        process.close()
        return ended


def _become(
    arguments: Sequence[str], environment: dict[str, str], streams: tuple[Path, Path, Path]
) -> None:
    """Become the program, and end with its exit code."""
    for number, (path, mode) in enumerate(zip(streams, _MODES, strict=True)):
        file = os.open(path, mode, _PRIVATE)
        os.dup2(file, number)
        os.close(file)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", encoding="utf-8")
    os.environ.clear()
    os.environ.update(environment)
    sys.exit(run(list(arguments)))
