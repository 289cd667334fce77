"""Files with passwords are put aside in memory, never on a disk."""

from __future__ import annotations

from pathlib import Path

from services.config_api.http.bodies import off_disk


def test_what_is_put_aside_lies_in_memory() -> None:
    with off_disk() as aside:
        aside.write(b"x" * 3_000_000)
        aside.flush()
        target = str(Path(f"/proc/self/fd/{aside.fileno()}").readlink())
    assert target.startswith("/memfd:")
    assert not Path(target).exists()
