"""A fork of the supervisor is as free of it as a program of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

# Each runs in a process of its own: this one has threads, and a fork of it could wait for ever.
_FORKING = """
import json, os, pathlib, signal, subprocess, sys, time
from services.config_api.cli.forked import fork

held = open(sys.executable, "rb")
signal.signal(signal.SIGTERM, lambda *_: None)
read, write = os.pipe()

def told(arguments):
    print(json.dumps({
        "arguments": arguments,
        "environment": dict(os.environ),
        "files": sorted({os.path.realpath(f"/proc/self/fd/{one}") for one in range(3, 10)
                         if os.path.exists(f"/proc/self/fd/{one}")}),
        "next": os.open(os.devnull, os.O_RDONLY) > held.fileno(),
        "leads": os.getpgid(0) == os.getpid(),
        "term": signal.getsignal(signal.SIGTERM) is signal.SIG_DFL,
        "name": pathlib.Path("/proc/self/comm").read_text().strip(),
        "stdin": sys.stdin.read(),
    }), flush=True)
    return 3

def work(arguments):
    if arguments == ["told"]:
        return told(arguments)
    if arguments == ["raises"]:
        raise LookupError("it broke")
    if arguments == ["exits"]:
        sys.exit(4)
    time.sleep(60)

def begin(*arguments):
    return fork(work, arguments, name="relaybook-it", environment={"ONLY": "this"})
"""


def carried_out(code: str) -> tuple[list[Any], str]:
    """Return the lines of JSON that a program with `begin` printed, wherever, and its messages."""
    done = subprocess.run(
        [sys.executable, "-c", _FORKING + code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    lines = done.stderr.splitlines()
    return [json.loads(line) for line in lines if line.startswith(("{", "["))], done.stderr


def test_it_has_its_own_environment_group_name_and_no_file_of_its_parent() -> None:
    [told], _ = carried_out("assert begin('told').wait() == 3")
    assert told["arguments"] == ["told"]
    assert told["environment"] == {"ONLY": "this"}
    assert told["leads"]
    assert told["term"]
    assert told["name"] == "relaybook-it"
    assert told["stdin"] == ""
    assert told["files"] == ["/dev/null"]
    assert told["next"]  # an object of the parent may close its number whenever it likes


def test_how_it_ended_is_told_like_of_any_program() -> None:
    _, told = carried_out(
        "assert begin('raises').wait() == 70; assert begin('exits').wait() == 4\n"
        "child = begin('sleeps'); assert child.poll() is None\n"
        "try: child.wait(0.1)\n"
        "except subprocess.TimeoutExpired: child.terminate()\n"
        "assert child.wait() == child.poll() == child.returncode == -15; child.terminate()"
    )
    assert "LookupError: it broke" in told
