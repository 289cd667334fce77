"""Fails when image, compose file, chart or units are not what their own tools accept.

No tool asks the network: the schemas come with the packages.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import kubernetes_validate

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPLOY: Final = Path(__file__).resolve().parent
#: The oldest Kubernetes that the chart names, and the newest that the validator knows.
KUBERNETES: Final = ("1.25", "1.37")
#: No schema of Kubernetes: defined by the Prometheus operator.
FOREIGN: Final = frozenset({"PodMonitor"})
#: What `systemd-analyze security` may find at most, in tenths of its scale from 0 to 10.
EXPOSURE: Final = 15
_WARNING: Final = 2  # Helm's severities: information, warning, error
_TARGETS: Final = ("sysinit", "basic", "shutdown", "network-online", "multi-user")


def image_faults(dockerfile: Path) -> Iterator[str]:
    """Yield what hadolint says of a Dockerfile."""
    yield from _complaints(_tool("hadolint"), str(dockerfile))


def compose_faults(compose: Path) -> Iterator[str]:
    """Yield what the compose specification's schema says of a file."""
    schema = ("--builtin-schema", "vendor.compose-spec")
    yield from _complaints(_tool("check-jsonschema"), *schema, str(compose))


def chart_faults() -> Iterator[str]:
    """Yield what Helm and the schemas of Kubernetes say of the chart, bare and with everything."""
    if importlib.util.find_spec("helm_python") is None:
        print("Helm's library has no wheel for this machine: the chart is not examined.")
        return
    from helm_python.chart import lint  # noqa: PLC0415 -- it has no wheel for every machine

    from deploy.charts import CHART, everything, rendered  # noqa: PLC0415 -- the same

    schema = str(CHART / "values.schema.json")
    yield from _complaints(_tool("check-jsonschema"), "--check-metaschema", schema)
    for values in ({}, everything()):
        for message in lint(str(CHART), values, strict=True)["messages"]:
            if message["severity"] >= _WARNING:
                yield f"{message['path']}: {message['error']}"
        for resource in rendered(values):
            yield from resource_faults(resource)


def resource_faults(resource: dict[str, Any]) -> Iterator[str]:
    """Yield what the strict schemas of Kubernetes say of a resource."""
    if resource["kind"] in FOREIGN:
        return
    for version in KUBERNETES:
        try:
            kubernetes_validate.validate(resource, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{resource['kind']} (Kubernetes {version}): {error.message}"


def unit_faults(units: list[Path]) -> Iterator[str]:
    """Yield what systemd says of units, in a root directory that has nothing but them."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _furnish(root, units)
        for unit in units:
            verify = ("verify", "--man=no", f"--root={root}", unit.name)
            yield from _complaints("systemd-analyze", *verify, quietly=True)
            exposed = ("security", "--offline=true", f"--threshold={EXPOSURE}", str(unit))
            yield from (f"{unit.name}: {line}" for line in _exposure(exposed))


def _furnish(root: Path, units: list[Path]) -> None:
    """Make what units refer to: the programs they start and the targets they wait for."""
    system = root / "etc" / "systemd" / "system"
    system.mkdir(parents=True)
    for unit in units:
        shutil.copy(unit, system)
        for line in unit.read_text(encoding="utf-8").splitlines():
            if line.startswith("ExecStart="):
                program = root / line.removeprefix("ExecStart=/").split()[0]
                program.parent.mkdir(parents=True, exist_ok=True)
                program.touch(mode=0o755)
    for name in _TARGETS:
        (system / f"{name}.target").write_text("[Unit]\n", encoding="utf-8")
    for name in ("-.slice", "system.slice"):
        (system / name).write_text("[Slice]\n", encoding="utf-8")


def _exposure(arguments: tuple[str, ...]) -> list[str]:
    done = _run("systemd-analyze", *arguments)
    return [] if done.returncode == 0 else done.stdout.strip().splitlines()[-1:]


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _complaints(program: str, *arguments: str, quietly: bool = False) -> list[str]:
    """Return what a tool printed where it failed; with `quietly` also where it said anything."""
    done = _run(program, *arguments)
    said = (done.stdout + done.stderr).strip().splitlines()
    if done.returncode == 0 and not (quietly and said):
        return []
    return said or [f"{program} failed with {done.returncode}"]


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 -- our own files, no shell
        [program, *arguments], capture_output=True, text=True, check=False
    )


def main() -> int:
    """Report and return 1 if a tool complains."""
    units = sorted((DEPLOY / "units").glob("*.service"))
    faults = [
        *image_faults(DEPLOY / "image" / "Dockerfile"),
        *compose_faults(DEPLOY / "compose" / "compose.yaml"),
        *chart_faults(),
        *unit_faults(units),
    ]
    for line in faults:
        print(line)
    if not faults:
        print(f"Image, compose file, chart and {len(units)} units are as their tools want them.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
