from __future__ import annotations

import json
import signal
import subprocess
from typing import TYPE_CHECKING

from tests.support.processes import RELAYBOOK

if TYPE_CHECKING:
    from tests.integration.cli.running import Up


def test_tail_prints_what_was_recorded_and_what_is_recorded_then(demo: Up) -> None:
    with subprocess.Popen(
        [*RELAYBOOK, "events", "tail", "--after", "0", "--subject", "smtp_setting/tail", "--json"],
        env=demo.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as tail:
        assert tail.stdout is not None
        demo.run("settings", "register", "tail", "--host", "smtp.acme.example")
        assert json.loads(tail.stdout.readline())["streamversion"] == "1"
        demo.run("settings", "update", "tail", "--port", "2525")
        second = json.loads(tail.stdout.readline())
        assert second["type"] == "relaybook.smtp_setting.updated.v1"
        tail.send_signal(signal.SIGINT)
        assert tail.wait(10) == 130


def test_a_pipe_that_closes_early_is_no_error(demo: Up) -> None:
    line = f'"{RELAYBOOK[0]}" -m services.config_api.cli events list --json | head -n 1'
    done = subprocess.run(
        ["sh", "-c", line], env=demo.environment, capture_output=True, text=True, check=True
    )
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


def test_a_type_that_does_not_exist_is_refused(demo: Up) -> None:
    done = demo.run("events", "list", "--type", "smtp_setting.exploded")
    assert done.returncode == 1
    assert "type" in done.stderr
