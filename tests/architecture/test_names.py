"""Names say what is there, and no committed file speaks of the place where it was written."""

from __future__ import annotations

import re
from typing import Final

import pytest

from tests.architecture.tree import ROOT, python_files, texts

BANNED: Final = frozenset({"common", "helper", "helpers", "misc", "util", "utils"})
LOOSE_END: Final = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b(?!\s*\(?#\d+)")
# Written in pieces, so that this file does not hold what it forbids.
MACHINE_PATH: Final = re.compile(r"(?<![\w.})-])/(?:ro" + r"ot|wo" + r"rk|tmp/w)(?![\w.*-])")
INDEX: Final = re.compile(
    r"pypi\.or" + r"g/simple|pythonhosted\.or" + r"g|registry\.npmjs\.or" + r"g"
    r"|deb\.debian\.or"
    + r"g|--(?:extra-)?index-ur"
    + r"l|--find-link"
    + r"s|\[\[tool\.uv\.inde"
    + r"x"
)
SUPPRESSION: Final = re.compile(r"#\s*(noqa|type:\s*ignore)\b.*")
EXPLAINED: Final = re.compile(
    r"#\s*(?:noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|type:\s*ignore\[[\w, -]+\])\s+(?:--|#)\s*\w.*"
)


def places(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def unexplained(line: str) -> bool:
    found = SUPPRESSION.search(line)
    return found is not None and not EXPLAINED.match(found[0])


def test_no_module_is_named_after_nothing() -> None:
    named = [path for path in python_files() if BANNED & set(path.relative_to(ROOT).parts)]
    named += [path for path in python_files() if path.stem in BANNED]
    assert named == []


def test_each_loose_end_has_the_number_of_its_issue() -> None:
    assert places(LOOSE_END) == []


def test_no_file_holds_a_path_of_the_machine_where_it_was_written() -> None:
    assert places(MACHINE_PATH) == []


def test_no_file_holds_the_address_of_a_package_index() -> None:
    assert places(INDEX) == []


def test_each_silenced_finding_has_its_code_and_a_reason() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in python_files()
        if path.name != "test_names.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if unexplained(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (LOOSE_END, "# TO" + "DO: later"),
        (LOOSE_END, "# FIX" + "ME"),
        (MACHINE_PATH, "cd /wo" + "rk/main"),
        (MACHINE_PATH, '"/ro' + 'ot"'),
        (MACHINE_PATH, "/tmp/" + "w/venv"),
        (INDEX, "--index-ur" + "l https://example.org"),
        (INDEX, "https://pypi.or" + "g/simple"),
    ],
)
def test_what_is_forbidden_is_found(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (LOOSE_END, "# TO" + "DO(#12): later"),
        (MACHINE_PATH, "/workers, a/wo" + "rk, /v1/wo" + "rk-queue, /rooted"),
        (INDEX, "pip install --no-index"),
    ],
)
def test_what_is_allowed_passes(pattern: re.Pattern[str], text: str) -> None:
    assert not pattern.search(text)


@pytest.mark.parametrize(
    "line",
    ["x  # noqa", "x  # noqa: S105", "x  # type: ignore", "x  # type: ignore[attr-defined]"],
)
def test_a_silenced_finding_without_a_reason_is_found(line: str) -> None:
    assert unexplained(line)
    assert not unexplained("x  # noqa: S105, S106 -- a name")
    assert not unexplained("x  # type: ignore[arg-type]  # the stub is wrong")
