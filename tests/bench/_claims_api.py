"""Program: answers every claim of a tester with the same setting, over kept connections.

`python -m tests.bench._claims_api FILE` prints its port and runs until its standard input ends;
FILE holds the answer as JSON, into which the test's ID is written. It stands for the API, whose own
costs are another benchmark's.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final

_ID: Final = "t-of-the-claim"
_WAITING: Final = 2048


async def main(answer: dict[str, Any]) -> None:
    """Serve until standard input ends."""
    template = json.dumps({**answer, "id": _ID}).encode()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(_length(head))
                test_id = head.split(b" ", 2)[1].rsplit(b"/", 2)[1]
                body = template.replace(_ID.encode(), test_id)
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d"
                    b"\r\n\r\n%b" % (len(body), body)
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=_WAITING)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    server.close()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
