"""Asks HTTP servers as fast as they answer, or at a rate; tells what each process spent."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench._frame import Measured, PeerMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_TICKS: Final = os.sysconf("SC_CLK_TCK")
PATIENCE_S: Final = 60
_PAGE_MIB: Final = os.sysconf("SC_PAGE_SIZE") / 2**20
_SCRIPT: Final = """
math.randomseed(7)
local next = {begin}
request = function()
  local id = string.format("t%07d", {which})
  next = next + 1
  {answer}
end
"""
_AT_RANDOM: Final = "math.random(0, {last})"
_IN_ORDER: Final = "next % ({last} + 1)"
_FIXED: Final = 'return wrk.format("GET", "{before}")'
_BY_PATH: Final = 'return wrk.format("GET", "{before}" .. id .. "{behind}")'
_BY_BODY: Final = """
  local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  local coded, text = {{}}, id .. "\\0"
  for at = 1, 9, 3 do
    local a, b, c = text:byte(at, at + 2)
    local bits = a * 65536 + b * 256 + c
    for shift = 3, 0, -1 do
      local place = math.floor(bits / 64 ^ shift) % 64 + 1
      coded[#coded + 1] = letters:sub(place, place)
    end
  end
  coded[#coded] = "="
  return wrk.format("POST", "{before}", nil, '{{"key":"' .. table.concat(coded) .. '"}}')
"""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A server, how it is asked for a setting, and whose processes it is made of, by part.

    A fixed one is asked for the path `before`, whatever the setting.
    """

    url: str
    before: str
    behind: str = ""
    by_body: bool = False
    fixed: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, Callable[[], Sequence[int]]] = field(default_factory=dict)


def found(program: str) -> str:
    """Return the path of a program; raises PeerMissing."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if path is None:
        raise PeerMissing(f"{program} is not installed")
    return path


def throughput(
    target: Target, count: int, folder: Path, *, seconds: int, connections: int,
    begin: int | None = None,
) -> Measured:  # fmt: skip
    """Ask for settings at random, or in order from one on.

    Raises RuntimeError where something is not answered well.
    """
    script = folder / "ask.lua"
    way = _FIXED if target.fixed else _BY_BODY if target.by_body else _BY_PATH
    answer = way.format(before=target.before, behind=target.behind)
    which = (_AT_RANDOM if begin is None else _IN_ORDER).format(last=count - 1)
    script.write_text(
        _SCRIPT.format(begin=begin or 0, which=which, answer=answer), encoding="ascii"
    )
    command = [
        found("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", f"--timeout={PATIENCE_S}s",
        "-s", str(script),
    ]  # fmt: skip
    for name, value in target.headers.items():
        command += ["-H", f"{name}: {value}"]
    before, began, own = _spent(target), time.monotonic(), os.times()
    told = subprocess.run([*command, target.url], check=True, capture_output=True, text=True).stdout
    took, after, now = time.monotonic() - began, _spent(target), os.times()
    if "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(told)
    answered = re.search(r"(\d+) requests in", told)
    if answered is None:
        raise RuntimeError(told)
    client = now.children_user + now.children_system - own.children_user - own.children_system
    return Measured(
        count=int(answered[1]),
        seconds=took,
        cpu_s={**{part: after[part] - before[part] for part in target.parts}, "client": client},
        memory_mib={part: _memory(pids()) for part, pids in target.parts.items()},
    )


def all_asked(
    target: Target, count: int, folder: Path, *, seconds: int, connections: int
) -> Measured:
    """Ask for each setting, in turns of so many seconds; return the last turn."""
    begin, turn = 0, None
    while turn is None or begin < count:
        turn = throughput(
            target, count, folder, seconds=seconds, connections=connections, begin=begin
        )
        begin += turn.count - connections  # each may have left one without an answer
    return turn


def grpc_throughput(target: Target, body: bytes, folder: Path, *, seconds: int) -> Measured:
    """Ask by gRPC for one thing, again and again; what is in the answer is not read."""
    asked = folder / "asked.grpc"
    asked.write_bytes(body)
    command = [
        found("h2load"), "-c16", "-m4", f"-D{seconds}", "-d", str(asked),
        "-H", "content-type: application/grpc", "-H", "te: trailers",
        f"{target.url}/etcdserverpb.KV/Range",
    ]  # fmt: skip
    before, began = _spent(target), time.monotonic()
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    took, after = time.monotonic() - began, _spent(target)
    answered = re.search(r"status codes: (\d+) 2xx, 0 3xx, 0 4xx, 0 5xx", told)
    if answered is None:
        raise RuntimeError(told)
    spent = {part: after[part] - before[part] for part in target.parts}
    return Measured(count=int(answered[1]), seconds=took, cpu_s={**spent, "client": 0.0})


def p99_ms(target: Target, count: int, folder: Path, *, rate: float, seconds: int) -> float:
    """Ask at a rate for one setting after the other; return the 99th percentile of the times."""
    log, asked = folder / "times.log", folder / "asked.txt"
    log.unlink(missing_ok=True)
    clients = 8
    step = max(1, count // 10_000)
    if target.by_body:
        asked.write_text(target.url + target.before, encoding="ascii")
    else:
        lines = (
            f"{target.url}{target.before}t{number:07}{target.behind}"
            for number in range(0, count, step)
        )
        asked.write_text("\n".join(lines), encoding="ascii")
    command = [found("h2load"), "--h1", f"-c{clients}", f"-D{seconds}", "-i", str(asked),
               f"--rps={max(1, int(rate / clients))}", f"--log-file={log}"]  # fmt: skip
    if target.by_body:
        (folder / "body.json").write_text('{"key":"dDAwMDAwMDE="}', encoding="ascii")
        command += ["-d", str(folder / "body.json")]
    for name, value in target.headers.items():
        command += ["-H", f"{name}: {value}"]
    subprocess.run(command, check=True, capture_output=True, text=True)
    rows = [line.split("\t") for line in log.read_text(encoding="ascii").splitlines()]
    times = sorted(int(row[2]) for row in rows if row[1] == "200")
    if len(times) < len(rows):
        raise RuntimeError(f"{len(rows) - len(times)} of {len(rows)} were not answered well")
    return times[int(len(times) * 0.99)] / 1000


def tree(pid: int) -> list[int]:
    """Return a process and all that it started; one that has ended meanwhile started none."""
    try:
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        below = []
    return [pid, *(one for child in below for one in tree(int(child)))]


def seconds_with_ended(pid: int) -> float:
    """Return the processor time of a process, with that of children that it has waited for."""
    fields = _fields(pid)
    return sum(map(int, fields[11:15])) / _TICKS


def _spent(target: Target) -> dict[str, float]:
    return {part: sum(map(_seconds, pids())) for part, pids in target.parts.items()}


def _seconds(pid: int) -> float:
    return sum(map(int, _fields(pid)[11:13])) / _TICKS


def _fields(pid: int) -> list[str]:
    """Return what Linux tells of a process behind its name; nothing where it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except OSError:
        return []


def _memory(pids: Sequence[int]) -> float:
    """Return the resident memory of the largest process, in MiB; of one that has ended, none."""
    return max(map(_resident, pids), default=0.0)


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_MIB
    except OSError:
        return 0.0
