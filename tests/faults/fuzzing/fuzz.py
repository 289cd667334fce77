"""Program: feeds what coverage suggests to one target, with atheris.

`python -m tests.faults.fuzzing.fuzz TARGET SECONDS` ends with 0 where nothing was found; libFuzzer
tells the executions on standard error, and the input that broke the target.
"""

from __future__ import annotations

import resource
import sys
import warnings
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import atheris

with atheris.instrument_imports(include=["services.conn_tester"]):
    from tests.faults.fuzzing import targets
from tests.faults.fuzzing.seeds import seeds

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST: Final = 4096
_MORE_MIB: Final = 1024
_ONE_INPUT_S: Final = 5
_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "dialogue": targets.dialogue,
    "challenge": targets.challenge,
    "token": partial(targets.token, now=_NOW),
    "words": targets.words,
    "certificate": partial(targets.certificate, now=_NOW),
}


def main(name: str, seconds: str) -> None:
    """Fuzz; atheris ends the process."""
    warnings.simplefilter("ignore")  # of odd certificates, which are what is wanted
    # A program begins with the peak of the one that started it, and libFuzzer judges the peak.
    inherited = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    with TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds()[name]):
            (Path(folder) / str(number)).write_bytes(seed)
        options = [
            f"-max_total_time={seconds}", f"-max_len={_LONGEST}", f"-timeout={_ONE_INPUT_S}",
            f"-rss_limit_mb={_MORE_MIB + inherited}", "-print_final_stats=1",
            f"-artifact_prefix={folder}/", folder,
        ]  # fmt: skip
        atheris.Setup([sys.argv[0], *options], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
