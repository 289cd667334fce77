"""Stopping a running test, on a server that never answers."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

from tests.support.processes import RELAYBOOK, wait_until

if TYPE_CHECKING:
    from tests.integration.cli.running import Up


def newest_test(up: Up) -> dict[str, object]:
    lines = up.run("events", "list", "--json").stdout.splitlines()
    found = [json.loads(line) for line in lines]
    tests = [one for one in found if one["type"].startswith("relaybook.connection_test.")]
    newest: dict[str, object] = tests[-1]
    return newest


def test_ctrl_c_cancels_the_test_that_it_waits_for(up: Up) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        up.variables = {"RELAYBOOK_PROBE_ALLOW": f"127.0.0.1/32:{port}"}
        up.start()
        up.run("settings", "register", "silent", "--host", "127.0.0.1", "--port", str(port))
        waiting = subprocess.Popen(
            [*RELAYBOOK, "test", "silent"],
            env=up.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert waiting.stdout is not None
        assert waiting.stdout.readline().startswith("config\tpassed")
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(15) == 130
        waiting.communicate()
    wait_until(
        lambda: newest_test(up)["type"] == "relaybook.connection_test.cancelled.v1",
        seconds=10,
        what="the cancellation",
    )
