"""Runs the fuzzer on each target: seconds as a rule, minutes in the long sweep."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from typing import Final

import pytest

from tests.faults.fuzzing.seeds import seeds
from tests.support.services import missing

SECONDS: Final = 120 if os.environ.get("RELAYBOOK_SWEEP") == "full" else 2
PATIENCE: Final = SECONDS + 90
FEWEST: Final = 50
DONE: Final = re.compile(r"stat::number_of_executed_units: (\d+)")


@pytest.mark.timeout(PATIENCE + 10)
@pytest.mark.parametrize("target", seeds())
def test_nothing_that_a_server_says_breaks_its_reader(target: str) -> None:
    if importlib.util.find_spec("atheris") is None:
        missing("atheris has no wheel for this Python or machine")
    command = (sys.executable, "-m", "tests.faults.fuzzing.fuzz", target, str(SECONDS))
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    executions = DONE.search(done.stderr)
    assert executions is not None
    assert int(executions[1]) >= FEWEST
