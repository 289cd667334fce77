"""The child processes of `relaybook up` and what each may see of the environment."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.config_api.cli.supervisor import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.config_api.cli.demo import Demo
    from services.config_api.settings import Settings

DEFAULT_URL: Final = "http://127.0.0.1:8587"
DEFAULT_DATA_DIR: Final = "var"
#: What the tester must not hold: it knows neither the store nor the keys.
_NOT_FOR_TESTER: Final = (
    "RELAYBOOK_DATABASE_URL",
    "RELAYBOOK_MIGRATION_DATABASE_URL",
    "RELAYBOOK_MASTER_KEY",
    "RELAYBOOK_TOKEN",
)


def local_url(settings: Settings) -> str:
    """Return the address under which this machine reaches what it serves."""
    host = settings.bind.host
    try:
        address = ip_address(host)
    except ValueError:
        return f"http://{settings.bind}"
    if address.is_unspecified:
        host = "[::1]" if address.version == 6 else "127.0.0.1"  # noqa: PLR2004 -- IP version 6
        return f"http://{host}:{settings.bind.port}"
    return f"http://{settings.bind}"


def surroundings(settings: Settings) -> str:
    """Return the assignments that a command in another terminal of this directory needs."""
    needed = {}
    if local_url(settings) != DEFAULT_URL:
        needed["RELAYBOOK_URL"] = local_url(settings)
    if settings.data_dir != Path(DEFAULT_DATA_DIR).absolute():
        needed["RELAYBOOK_DATA_DIR"] = str(settings.data_dir)
    return "".join(f"{name}={shlex.quote(value)} " for name, value in needed.items())


def children(
    environment: Mapping[str, str], settings: Settings, demo: Demo | None
) -> list[Program]:
    """Return the programs: a tester, with the demo its SMTP server, the API and the relay.

    Those that are programs of their own come first: they start while this process imports what
    the others need.
    """
    shared = {
        **environment,
        "RELAYBOOK_DATA_DIR": str(settings.data_dir),
        "RELAYBOOK_BIND": str(settings.bind),
        "RELAYBOOK_URL": local_url(settings),
    }
    if demo is not None:
        shared["RELAYBOOK_PROBE_ALLOW"] = demo.probe_allow(settings.probe_allow)
    tester = _module("services.conn_tester")
    programs = [Program(name="tester", command=tester, environment=_for_tester(shared, settings))]
    if demo is not None:
        sink = _module("deploy.demo.sink", str(demo.folder))
        programs.append(Program(name="sink", command=sink, environment=environment))
    forked = [
        Program(name=name, command=[name], environment=shared, within=_relaybook)
        for name in ("serve", "relay")
    ]
    return [*programs, *forked]


def _relaybook() -> Callable[[list[str]], int]:
    for name in ("http.wsgi", "cli.processes"):
        import_module(f"services.config_api.{name}")
    run: Callable[[list[str]], int] = import_module("services.config_api.cli.main").run
    return run


def _for_tester(shared: Mapping[str, str], settings: Settings) -> dict[str, str]:
    hidden = {name + suffix for name in _NOT_FOR_TESTER for suffix in ("", "_FILE")}
    kept = {name: value for name, value in shared.items() if name not in hidden}
    own = {"RELAYBOOK_TOKEN_FILE": str(settings.tester_token_path)}
    if settings.metrics_bind is not None:  # the relay has that port, so the tester has the next
        bind = settings.metrics_bind
        own["RELAYBOOK_METRICS_BIND"] = str(replace(bind, port=bind.port + 1))
    return kept | own


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]
