"""A reader on a host of its own, in a process: it hears of changes until it is ended."""

from __future__ import annotations

import sys
from contextlib import closing

from events.store.sql.opening import open_store
from tests.support.relaybook import eventually


def main(url: str) -> None:
    """Keep answers of the store at an address until the standard input ends."""
    with closing(open_store(url)) as opened:  # without a folder that others share
        opened.sight.start()
        eventually(lambda: opened.sight.until > 0)
        sys.stdout.write("reads\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
