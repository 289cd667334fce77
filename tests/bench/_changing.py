"""The service over HTTP, with settings that clients change at the same time, each its own.

Eight clients of wrk send PATCH with If-Match and a new password, which is sealed.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from tests.bench._cluster import Cluster
from tests.bench._frame import Measured
from tests.bench._load import PATIENCE_S, Target, found, seconds_with_ended
from tests.bench._place import Place
from tests.bench._reads_peers import relaybook

CLIENTS: Final = 8
PATH: Final = "/v1/smtp-settings"
_EACH: Final = 20
_DEFAULT_MIB: Final = 64
#: Each of wrk's threads is a client with one connection; `versions` are those of its settings.
_SCRIPT: Final = """
local number = 0
function setup(thread) thread:set("client", number); number = number + 1 end
function init() versions, at = {{}}, 0 end
function name() return string.format("c%d-%d", client, at % {each}) end
request = function()
  local version = versions[at % {each}]
  if version == nil then return wrk.format("GET", "{path}/" .. name()) end
  local body = string.format(
    '{{"x_mailer":"after v%d","auth":{{"password":"secret of v%d"}}}}', version, version)
  local heads = {{["If-Match"] = '"v' .. version .. '"', ["Content-Type"] = "application/json"}}
  for name, value in pairs(wrk.headers) do heads[name] = value end
  return wrk.format("PATCH", "{path}/" .. name(), heads, body)
end
response = function(status, headers)
  local tag = headers["ETag"] or headers["etag"] or headers["Etag"]
  if status ~= 200 or tag == nil then return end
  versions[at % {each}] = tonumber(tag:match("%d+"))
  at = at + 1
end
"""


@dataclass(kw_only=True)
class Service:
    """The service with its settings, and what is known of them."""

    target: Target
    folder: Path
    cluster: Cluster
    changes: int = 0
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def client(self) -> httpx.Client:
        """Return a new client."""
        return httpx.Client(
            base_url=self.target.url, headers=dict(self.target.headers), trust_env=False, timeout=60
        )

    def register(self, name: str) -> None:
        """Make a setting with a secret."""
        auth = {"method": "password", "user": "mailer", "password": "first"}
        made = {"id": name, "host": f"smtp.{name}.example", "auth": auth}
        with self.client as client:
            client.post(PATH, json=made).raise_for_status()
        self.versions[name] = 1

    def cpu_seconds(self) -> dict[str, float]:
        """Return what the service and the database have spent."""
        own = sum(seconds_with_ended(pid) for pid in self.target.parts["server"]())
        return {"server": own, "database": self.cluster.cpu_seconds()}


@contextmanager
def a_service(
    cluster: Cluster, place: Place, versions: Mapping[str, int] | None = None
) -> Iterator[Service]:
    """Serve the product with some settings for each client: those of `versions`, or new ones."""
    folder = place.sub(f"service-{time.monotonic_ns()}")
    with relaybook(folder, place.environment, place.beside, mib=_DEFAULT_MIB) as target:
        service = Service(target=target, folder=folder, cluster=cluster)
        if versions is None:
            for client in range(CLIENTS):
                for number in range(_EACH):
                    service.register(f"c{client}-{number}")
        else:
            service.versions.update(versions)
        yield service


def changed(service: Service, seconds: int) -> Measured:
    """Change settings by wrk; raises RuntimeError where a change is refused or gets lost."""
    script = service.folder / "change.lua"
    script.write_text(_SCRIPT.format(path=PATH, each=_EACH), encoding="ascii")
    command = [
        found("wrk"), f"-t{CLIENTS}", f"-c{CLIENTS}", f"-d{seconds}s", f"--timeout={PATIENCE_S}s",
        "-s", str(script),
    ]  # fmt: skip
    for name, value in service.target.headers.items():
        command += ["-H", f"{name}: {value}"]
    before, began, own = service.cpu_seconds(), time.monotonic(), os.times()
    told = subprocess.run(
        [*command, service.target.url], check=True, capture_output=True, text=True
    ).stdout
    took, after, now = time.monotonic() - began, service.cpu_seconds(), os.times()
    answered = re.search(r"(\d+) requests in", told)
    if "Non-2xx" in told or "Socket errors" in told or answered is None:
        raise RuntimeError(told)
    done = _changes_kept(service)
    # Each client reads each setting once before; the last change of each may go uncounted.
    counted = int(answered[1]) - CLIENTS * _EACH
    if not counted <= done <= counted + CLIENTS:
        raise RuntimeError(f"{counted} changes were answered, {done} are there")
    client = now.children_user + now.children_system - own.children_user - own.children_system
    spent = {part: after[part] - before[part] for part in after} | {"client": client}
    return Measured(count=done, seconds=took, cpu_s=spent)


def _changes_kept(service: Service) -> int:
    """Return by how many versions the settings went on; each must hold its last change."""
    done = 0
    with service.client as client:
        for name, before in service.versions.items():
            found_ = client.get(f"{PATH}/{name}").json()
            version = found_["version"]
            if version > 1 and found_["x_mailer"] != f"after v{version - 1}":
                raise RuntimeError(f"{name} is at {version} and not what it was changed to")
            done += version - before
            service.versions[name] = version
    return done
