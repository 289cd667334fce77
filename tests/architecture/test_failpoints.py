"""Every failpoint is reached somewhere, listed and explained; nothing else is reached."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from events.failpoints import NAMES
from tests.architecture.tree import ROOT, python_files

if TYPE_CHECKING:
    from collections.abc import Iterator


def reached(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name("reach"), args=[ast.Constant(str(name))]):
                yield name


def test_every_name_is_reached_in_the_product_and_no_other() -> None:
    found = {
        name
        for path in python_files()
        if path.relative_to(ROOT).parts[0] != "tests"
        for name in reached(path.read_text(encoding="utf-8"))
    }
    assert found == set(NAMES)


def test_every_name_is_explained_beside_the_tests_that_kill_there() -> None:
    rows = (ROOT / "tests" / "faults" / "README.md").read_text(encoding="utf-8").splitlines()
    wanted = {f"| `{name}` | {moment} |" for name, moment in NAMES.items()}
    assert wanted <= set(rows)


def test_a_name_is_found_in_a_call() -> None:
    assert list(reached('reach("a.b")\nreach(c)\nother("d.e")')) == ["a.b"]
