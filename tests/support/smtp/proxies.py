"""Real proxies on loopback: tinyproxy for HTTP CONNECT, microsocks for SOCKS 5."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.support.ports import free_port
from tests.support.smtp.process import program, running_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROXY_USER = "courier"
PROXY_PASSWORD = "proxy pass phrase".replace(" ", "-")  # tinyproxy's file knows no blanks

_TINYPROXY = """\
Port {port}
Listen 127.0.0.1
Timeout 20
MaxClients 20
Allow 127.0.0.1
LogLevel Critical
DisableViaHeader Yes
"""


@contextmanager
def running_tinyproxy(
    folder: Path, *, port_only: int | None = None, user: bool = False
) -> Iterator[int]:
    """Run tinyproxy, which lets CONNECT through to `port_only` or to every port; yields its own."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    lines = [_TINYPROXY.format(port=port)]
    if port_only is not None:
        lines.append(f"ConnectPort {port_only}\n")
    if user:
        lines.append(f"BasicAuth {PROXY_USER} {PROXY_PASSWORD}\n")
    config = folder / "tinyproxy.conf"
    config.write_text("".join(lines))
    command = [program("tinyproxy", "tinyproxy"), "-d", "-c", str(config)]
    with running_program(command, ports=[port], log=folder / "tinyproxy.log"):
        yield port


@contextmanager
def running_microsocks(folder: Path, *, user: bool = False) -> Iterator[int]:
    """Run microsocks, which asks for a sign-in with `user`; yields its port."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [program("microsocks", "microsocks"), "-i", "127.0.0.1", "-p", str(port)]
    if user:
        command += ["-u", PROXY_USER, "-P", PROXY_PASSWORD]
    with running_program(command, ports=[port], log=folder / "microsocks.log"):
        yield port
