"""What `relaybook up` starts, it keeps running and takes along when it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from tests.integration.cli.running import Up
from tests.support.processes import RELAYBOOK, is_ready, wait_until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_and_leaves_nothing(up: Up, number: signal.Signals) -> None:
    up.start("--demo")
    assert len(up.processes()) >= 6  # itself, the warden, serve, its worker, relay, tester, sink
    assert up.end(number) == 0, up.log
    assert up.processes() == {}


def test_its_own_violent_end_ends_its_children(up: Up) -> None:
    up.start("--demo")
    assert up.process is not None
    assert up.end(signal.SIGKILL) == -signal.SIGKILL
    up.wait_for_none(seconds=12.0)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", up.port))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("serve", "relaybook-serve"),
        ("relay", "relaybook-relay"),
        ("tester", "conn_tester"),
        ("sink", "demo.sink .*"),
    ],
)
def test_a_killed_child_is_started_again(demo: Up, name: str, words: str) -> None:
    group = running(demo, words)
    os.kill(min(group), signal.SIGKILL)
    wait_until(lambda: f"{name} ended with status -9" in demo.log, seconds=10, what="the news")
    assert not {*group} & demo.processes().keys()
    wait_until(lambda: len(running(demo, words)) == len(group), seconds=30, what=words)
    wait_until(lambda: is_ready(demo.url), seconds=30, what="readiness")
    assert demo.run("test", "demo").returncode == 0


def is_new(up: Up, words: str, old: int) -> bool:
    found = running(up, words)
    return bool(found) and old not in found


def test_a_killed_warden_is_replaced_with_the_next_news(up: Up) -> None:
    up.start()
    warden, relay = up.child("cli.warden"), up.child("relaybook-relay")
    os.kill(warden, signal.SIGKILL)
    os.kill(relay, signal.SIGKILL)
    for words, old in (("cli.warden", warden), ("relaybook-relay", relay)):
        wait_until(lambda: is_new(up, words, old), seconds=20, what=f"a new {words}")  # noqa: B023 -- called at once
    up.end(signal.SIGKILL)
    up.wait_for_none(seconds=12.0)


def test_one_data_directory_has_one_supervisor(demo: Up) -> None:
    assert demo.process is not None
    second = Up(demo.data_dir)
    refused = second.run("up", "--bind", f"127.0.0.1:{second.port}")
    assert refused.returncode == 1
    assert f"Process {demo.process.pid} runs on {demo.data_dir} already." in refused.stderr


def test_a_port_in_use_is_told_before_anything_starts(up: Up) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        done = up.run("up", "--bind", bind)
    assert done.returncode == 1
    assert f"{bind} cannot be listened on" in done.stderr
    assert "--bind" in done.stderr
    assert up.processes() == {}


def test_in_json_it_tells_one_document(up: Up) -> None:
    up.data_dir.parent.mkdir(exist_ok=True)
    with subprocess.Popen(
        [*RELAYBOOK, "up", "--bind", f"127.0.0.1:{up.port}", "--json"],
        env=up.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        process.terminate()
        assert process.wait(25) == 0
    assert told["url"] == up.url
    assert told["data_dir"] == str(up.data_dir)
    assert told["sign_in"].startswith(up.url)


def test_no_process_that_may_hold_a_secret_leaves_a_core_dump(demo: Up) -> None:
    seen = {
        pid: line.split()[-2:]
        for pid in demo.processes()
        for line in Path(f"/proc/{pid}/limits").read_text().splitlines()
        if line.startswith("Max core file size")
    }
    assert len(seen) >= 4
    assert all(limits == ["1", "bytes"] for limits in seen.values()), seen


def test_the_tester_holds_neither_master_key_nor_database(up: Up, tmp_path: Path) -> None:
    key = tmp_path / "key"
    up.variables = {
        "RELAYBOOK_MASTER_KEY_FILE": str(key),
        "RELAYBOOK_DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}",
    }
    key.write_text("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n")
    key.chmod(stat.S_IRUSR)
    up.start()
    with open(f"/proc/{up.child('conn_tester')}/environ", "rb") as file:  # noqa: PTH123 -- a kernel file
        names = {line.partition(b"=")[0] for line in file.read().split(b"\0")}
    assert b"RELAYBOOK_TOKEN_FILE" in names
    assert not {b"RELAYBOOK_MASTER_KEY_FILE", b"RELAYBOOK_DATABASE_URL"} & names


def running(up: Up, words: str) -> list[int]:
    """Return the processes whose command line ends so: a server and its worker have the same."""
    return [pid for pid, line in up.processes().items() if re.search(words + r"\s*$", line)]
