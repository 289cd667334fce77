"""A process that holds a duty until it is killed; its arguments are the URL and the duty."""

from __future__ import annotations

import sys
import time

from events.store.sql.opening import open_store


def main(url: str, name: str) -> None:
    holding = open_store(url).duties.try_hold(name)
    sys.stdout.write("held\n" if holding else "refused\n")
    sys.stdout.flush()
    while holding is not None and holding.still_held():
        time.sleep(0.1)


if __name__ == "__main__":
    main(*sys.argv[1:])
