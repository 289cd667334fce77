"""Modules and functions stay small enough to be read at once."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tests.architecture.tree import ROOT, python_files

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULE_LINES: Final = 300
FUNCTION_LINES: Final = 40
#: Auditors are handed this one file alone, so it cannot be parted.
ONE_FILE: Final = {"events/sealing/verify.py": 380}


def long_functions(source: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield node.name, lines


def test_a_module_has_at_most_300_lines() -> None:
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files()
    }
    assert sizes
    too_long = {
        name: size for name, size in sizes.items() if size > ONE_FILE.get(name, MODULE_LINES)
    }
    assert too_long == {}


def test_a_function_has_at_most_40_lines() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name} has {lines} lines"
        for path in python_files()
        for name, lines in long_functions(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_a_function_of_41_lines_is_found() -> None:
    body = "\n".join(["    pass"] * FUNCTION_LINES)
    assert list(long_functions(f"async def f():\n{body}")) == [("f", FUNCTION_LINES + 1)]
    assert list(long_functions(f"def f():\n{body[: -len('    pass')]}")) == []
