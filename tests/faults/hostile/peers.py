"""Program: all hostile servers at once on loopback, each at a port of its own.

Prints one line of JSON, `{"ports": {name: port}, "ca_pem": "…"}`, and runs until its standard input
ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.faults.hostile.certificates import ODD
from tests.faults.hostile.identity import authority
from tests.faults.hostile.table import TABLE
from tests.support.smtp.peer import Connection

if TYPE_CHECKING:
    from tests.faults.hostile.behaviour import Act


async def main() -> None:
    """Listen, tell where, and wait."""
    for odd in ODD.values():
        odd.context()  # made now: the work of it would keep the others waiting
    servers = {behaviour.name: await _listening(behaviour.act) for behaviour in TABLE}
    ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
    sys.stdout.write(json.dumps({"ports": ports, "ca_pem": authority().pem}) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for server in servers.values():
        server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _listening(act: Act) -> asyncio.Server:
    number = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal number
        number += 1
        with suppress(OSError, ValueError, asyncio.CancelledError):
            await act(Connection(reader, writer, number=number, seen=[]))
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0)


if __name__ == "__main__":
    asyncio.run(main())
