"""Runs the benchmarks by name, all of them without one (`sh deploy/dev.sh bench [name]`)."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

_FOLDER = Path(__file__).parent
_NAMES = sorted(path.stem for path in _FOLDER.glob("*.py") if not path.stem.startswith("_"))
_USAGE = 2


def main() -> int:
    """Run what the command line names; further words are its own."""
    chosen, words = sys.argv[1:2] or _NAMES, sys.argv[2:]
    unknown = [name for name in chosen if name not in _NAMES]
    if unknown:
        sys.stderr.write(f"There is no benchmark {unknown[0]}; there are: {', '.join(_NAMES)}.\n")
        return _USAGE
    for name in chosen:
        import_module(f"tests.bench.{name}").main(words)
    return 0


if __name__ == "__main__":
    sys.exit(main())
