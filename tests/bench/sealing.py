"""Seals a log, hands it out and verifies it, by size: from the rows to the signature.

Proofs are of the event in the middle; for ten million events their size is computed.
`sh deploy/dev.sh bench sealing [EVENTS]`: a hundred thousand at most without a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, log2
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, process_time
from typing import Any, Final

from events.sealing.verify import verify
from tests.bench._frame import machine, say, table, write
from tests.bench._growth import growth, write_chart
from tests.bench._log import BLOCK, Log, empty_logs
from tests.support.sealed_log import Kept, sealed_log

_EVENTS: Final = 100_000
_HASH_LINE: Final = 45  # a hash of 32 bytes in base64 and the end of its line
_COMPUTED: Final = 10_000_000


def main(words: Sequence[str]) -> None:
    """Measure each database at each size, print and write the result."""
    most = int(words[0]) if words else _EVENTS
    sizes = [size for size in (BLOCK, 10_000, 100_000, 1_000_000) if size <= most]
    before = machine()
    told: list[dict[str, Any]] = []
    with empty_logs() as logs:
        for log in logs:
            with TemporaryDirectory() as folder, sealed_log(log.url, Path(folder)) as kept:
                for size in sizes:
                    told.append(_measured(log, kept, size))
                    say(f"{log.name}: {told[-1]}")
    proofs = {one["n"]: one["proof_bytes"] for one in told}
    proofs[_COMPUTED] = proofs[sizes[-1]] + _HASH_LINE * _deeper(sizes[-1], _COMPUTED)
    say(table(("", "events", "sealed a second", "verified a second", "proof, bytes"), _rows(told)))
    grown = growth("bytes", {"a proof": proofs})
    document = {
        "machine": before,
        "events": sizes[-1],
        "figures": told,
        "computed": _COMPUTED,
        "growth": grown,
    }
    say(f"written: {write('sealing', document)}")
    say(f"drawn: {write_chart('sealing_proof', 'Size of a proof', grown)}")


def _deeper(n: int, more: int) -> int:
    return ceil(log2(more)) - ceil(log2(n))


def _measured(log: Log, kept: Kept, size: int) -> dict[str, Any]:
    before = log.count
    log.grow(size)
    with TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        works: dict[str, tuple[Callable[[], object], int]] = {
            "sealed": (kept.seal, size - before),
            "handed_out": (lambda: kept.bundle(bundle), size),
            "verified": (lambda: verify(bundle, keys=[kept.vkey]), size),
        }
        rates = {}
        for work, (do, count) in works.items():
            seconds, cpu_s = _timed(do)
            rates[f"{work}_per_second"] = round(count / seconds)
            rates[f"{work}_per_cpu_second"] = round(count / cpu_s)
        files = [path.stat().st_size for path in bundle.rglob("*") if path.is_file()]
    proof = kept.relaybook.log.proofs.proof(size // 2, None)
    return {
        "store": log.name, "n": size, **rates,
        "proof_bytes": len(proof.encode()), "bundle_bytes": sum(files),
    }  # fmt: skip


def _timed(do: Callable[[], object]) -> tuple[float, float]:
    began, cpu = monotonic(), process_time()
    do()
    return monotonic() - began, process_time() - cpu


def _rows(told: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            one["store"],
            f"{one['n']:,}",
            f"{one['sealed_per_second']:,}",
            f"{one['verified_per_second']:,}",
            f"{one['proof_bytes']:,}",
        )
        for one in told
    ]
