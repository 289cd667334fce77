"""The table of situations in the tester's README; run as a module it writes the table anew."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Final

from events.diagnosis import CODES, WARNINGS
from events.diagnosis.texts import en
from tests.integration.zoo import application
from tests.integration.zoo.catalogue import SITUATIONS
from tests.integration.zoo.situation import NOBODY, PEER, USUAL_WARNINGS, Situation

README: Final = Path(__file__).resolve().parents[3] / "services" / "conn_tester" / "README.md"
_BEGIN: Final = "<!-- zoo: begin, written by python -m tests.integration.zoo.table -->\n"
_END: Final = "<!-- zoo: end -->\n"
_MOST: Final = 4


def shown_codes() -> dict[str, list[str]]:
    """Return code → the names of the situations that show it."""
    shown = defaultdict(list)
    for situation in SITUATIONS:
        shown[situation.code].append(_named(situation))
    for title, _, code, _ in application.REFUSED:
        shown[code].append(f"a draft has {title}")
    for title, code in application.ENDED:
        shown[code].append(title)
    return dict(shown)


def shown_warnings() -> dict[str, list[str]]:
    """Return warning → the names of the situations that show it."""
    shown = defaultdict(list)
    for situation in SITUATIONS:
        for code in situation.warnings:
            shown[code].append(_named(situation))
    for title, _, code in application.WARNED:
        shown[code].append(f"a setting has {title}")
    for code in USUAL_WARNINGS:
        shown[code].append("every sign-in without TLS")
    return dict(shown)


def table() -> str:
    """Return both tables in Markdown: each code, each warning, in the catalogue's order."""
    codes, warnings = shown_codes(), shown_warnings()
    parts = (
        "| code | shown by | hint |\n|---|---|---|\n",
        *(_row(code, codes.get(code, []), en.CONCLUSIONS[code].hint) for code in CODES),
        "\n| warning | shown by | hint |\n|---|---|---|\n",
        *(_row(code, warnings.get(code, []), en.WARNINGS[code].hint) for code in WARNINGS),
    )
    return "".join(parts)


def written() -> str:
    """Return the README with the table as it must be."""
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{table()}\n{_END}{after}"


def _named(situation: Situation) -> str:
    return situation.title if situation.server in {PEER, NOBODY} else situation.name


def _row(code: str, names: list[str], hint: str) -> str:
    listed = "; ".join(names[:_MOST])
    if len(names) > _MOST:
        listed += f"; and {len(names) - _MOST} more"
    plain = hint.replace("[[", "").replace("]]", "")
    cells = (cell.replace("|", "\\|").replace("<", "&lt;") for cell in (listed, plain))
    return f"| `{code}` | {' | '.join(cells)} |\n"


if __name__ == "__main__":
    README.write_text(written(), encoding="utf-8")
