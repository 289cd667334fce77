"""Fails when a link in a Markdown file leads nowhere, or a document lags behind what it mirrors."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from deploy import configuration

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parent.parent
READMES: Final = ("README.md", "README.ja.md")
NOT_OURS: Final = frozenset({"build", "node_modules", "static", "var"})

_FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_INLINE = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)", re.MULTILINE)
_HTML = re.compile(r"""(?:href|src)=["']([^"']+)["']""")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_COMMANDS = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"\s+#.*")
_NUMBERED = re.compile(r"^(\d+)\. \*\*(\d{4}-\d{2}-\d{2})", re.MULTILINE)
_SECTION = re.compile(r"^## ", re.MULTILINE)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


def markdown_files(root: Path) -> Iterator[Path]:
    """Yield the project's own Markdown files: nothing hidden, built or taken from others."""
    for path in sorted(root.rglob("*.md")):
        folders = path.relative_to(root).parts[:-1]
        if not any(folder in NOT_OURS or folder.startswith(".") for folder in folders):
            yield path


def links(text: str) -> Iterator[str]:
    """Yield the targets of all links and images outside code."""
    prose = _CODE.sub("", _FENCE.sub("", text))
    for pattern in (_INLINE, _REFERENCE, _HTML):
        yield from pattern.findall(prose)


def anchors(text: str) -> frozenset[str]:
    """Return the anchors that GitHub and most viewers give to the headings of a text."""
    headings = _HEADING.findall(_FENCE.sub("", text))
    return frozenset(re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings)


def _leads_somewhere(source: Path, target: str) -> bool:
    path, _, anchor = unquote(target).partition("#")
    place = source.parent / path if path else source
    if not place.exists():
        return False
    if not anchor or place.suffix != ".md":
        return True
    return anchor in anchors(place.read_text(encoding="utf-8"))


def broken_links(root: Path) -> list[str]:
    """Return `FILE: TARGET` for each relative link whose file or heading does not exist."""
    return [
        f"{source.relative_to(root)}: {target}"
        for source in markdown_files(root)
        for target in links(source.read_text(encoding="utf-8"))
        if not _ELSEWHERE.match(target) and not _leads_somewhere(source, target)
    ]


def differences(original: str, translation: str) -> Iterator[str]:
    """Yield what a translation of a README lacks of the original, or has besides."""
    pairs = (
        ("sections", _SECTION.findall(original), _SECTION.findall(translation)),
        ("commands", _commands(original), _commands(translation)),
        ("links to pictures and folders", _places(original), _places(translation)),
        ("numbers and dates of decisions", _NUMBERED.findall(original),
         _NUMBERED.findall(translation)),
    )  # fmt: skip
    yield from (f"README.ja.md has other {what} than README.md" for what, a, b in pairs if a != b)


def _commands(text: str) -> list[str]:
    return [
        _COMMENT.sub("", line) for block in _COMMANDS.findall(text) for line in block.split("\n")
    ]


def _places(text: str) -> set[str]:
    return {link.partition("#")[0] for link in links(text)} - {"README.md", "README.ja.md", ""}


def main() -> int:
    """Report and return 1 if a link is broken or a document is not what it mirrors."""
    wrong = [f"leads nowhere: {line}" for line in broken_links(ROOT)] + configuration.stale()
    wrong += differences(*((ROOT / name).read_text("utf-8") for name in READMES))
    if wrong:
        print("\n".join(wrong))
        return 1
    print(f"All links lead somewhere in {len(list(markdown_files(ROOT)))} documents.")
    print("deploy/configuration.md is what the code says, and README.ja.md follows README.md.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
