"""Servers from Debian packages that cannot be installed beside Postfix: unpacked, not installed.

They run in a mount namespace of their own, where the users they were built for exist.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.support.services import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CACHE: Final = Path(__file__).resolve().parents[3] / ".pytest_cache" / "debian"
_FIRST_ID: Final = 64_900
_NETWORK_S: Final = 90


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """Where the files of some packages lie."""

    root: Path

    def command(
        self, folder: Path, program: Sequence[str], *, users: Sequence[str],
        own_folders: Sequence[str] = (),
    ) -> tuple[str, ...]:  # fmt: skip
        """Return the command that runs a program of the packages among `users` of its own.

        `own_folders` of the system are empty ones in memory while it runs; a later one may lie in
        an earlier one.
        """
        libraries = [str(path) for path in self.root.glob("usr/lib/*-linux-gnu")]
        lines = ["set -e", f"export LD_LIBRARY_PATH={shlex.quote(':'.join(libraries))}"]
        for name in ("passwd", "group"):
            file = folder / name
            file.write_text(
                Path(f"/etc/{name}").read_text(encoding="utf-8") + _entries(name, users)
            )
            lines.append(f"mount --bind {shlex.quote(str(file))} /etc/{name}")
        for own in own_folders:
            lines += [f"mkdir -p {own}", f"mount -t tmpfs -o mode=711 tmpfs {own}"]
        lines.append(f"exec {shlex.join((str(self.root / program[0]), *program[1:]))}")
        script = folder / "run.sh"
        script.write_text("\n".join(lines) + "\n")
        return ("unshare", "--mount", "--propagation", "private", "sh", str(script))


def own_id(users: Sequence[str], name: str) -> int:
    """Return the number of a user and group that exist only for a program of a package."""
    return _FIRST_ID + users.index(name)


def unpacked(*packages: str) -> Unpacked:
    """Return packages unpacked in a folder that is kept; the first one gives it its name."""
    for program in ("apt-get", "dpkg-deb", "unshare"):
        if shutil.which(program) is None:
            missing(f"{program} is not installed, which unpacks and runs {packages[0]}")
    root = _CACHE / packages[0]
    with _only_one_process():
        if not (root / ".unpacked").is_file():
            _unpack(packages, root)
    return Unpacked(root=root)


def _unpack(packages: Sequence[str], root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    root.chmod(0o755)
    if _download(packages, root) != 0:
        subprocess.run(["apt-get", "-qq", "update"], check=False, timeout=_NETWORK_S)
        if _download(packages, root) != 0:
            missing(f"{', '.join(packages)} cannot be downloaded with apt-get")
    for archive in root.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", str(archive), str(root)], check=True)
        archive.unlink()
    (root / ".unpacked").touch()


def _download(packages: Sequence[str], root: Path) -> int:
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *packages]
    done = subprocess.run(command, cwd=root, check=False, timeout=_NETWORK_S, capture_output=True)
    return done.returncode


def _entries(kind: str, users: Sequence[str]) -> str:
    ids = {name: own_id(users, name) for name in users}
    if kind == "group":
        return "".join(f"{name}:x:{own}:\n" for name, own in ids.items())
    return "".join(
        f"{name}:x:{own}:{own}::/nonexistent:/usr/sbin/nologin\n" for name, own in ids.items()
    )


@contextmanager
def _only_one_process() -> Iterator[None]:
    _CACHE.mkdir(parents=True, exist_ok=True)
    lock = os.open(_CACHE / "lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
