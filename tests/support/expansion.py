"""The rule for revisions: what runs now goes on running on the schema of the next release."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event

from events.store.sql.engine import make_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

_NAME: Final = r'"?(?:\w+"?\."?)?(\w+)"?'
_NEW_TABLE: Final = re.compile(rf"\s*CREATE TABLE (?:IF NOT EXISTS )?{_NAME}", re.IGNORECASE)
#: What takes away, renames or narrows, each with the table that it does it to.
_CONTRACTING: Final = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"\bDROP TABLE (?:IF EXISTS )?{_NAME}",
        rf"\bALTER TABLE (?:ONLY )?{_NAME}.*\b(?:DROP(?! NOT NULL)|RENAME)\b",
        rf"\bALTER TABLE (?:ONLY )?{_NAME}.*\bALTER .*\b(?:SET NOT NULL|SET DATA|TYPE)\b",
        rf"\bALTER TABLE (?:ONLY )?{_NAME}.*\bADD (?:CONSTRAINT|PRIMARY|UNIQUE|FOREIGN|CHECK)\b",
        rf"\bALTER TABLE (?:ONLY )?{_NAME}\s+ADD (?:COLUMN )?(?!.*\bDEFAULT\b).*\bNOT NULL\b",
        rf"\bCREATE UNIQUE INDEX .*? ON {_NAME}",
        rf"\bCREATE (?:OR REPLACE )?TRIGGER\b.*?\bON {_NAME}",
        rf"\b(?:DELETE FROM|TRUNCATE(?! ON)(?: TABLE)?) {_NAME}",
        rf"\bREVOKE\b.*?\bON (?:TABLE )?{_NAME}",
    )
)


def statements_of(url: str, *upgrades: Callable[[], None]) -> list[list[str]]:
    """Run upgrades one after the other on a database; return the statements of each."""
    engine = make_engine(url)
    heard: list[list[str]] = []
    with engine.begin() as connection:
        event.listen(
            connection, "before_cursor_execute", lambda _c, _u, text, *_: heard[-1].append(text)
        )
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            for upgrade in upgrades:
                heard.append([])
                upgrade()
    engine.dispose()
    return heard


def refusals(
    statements: Iterable[str], *, unused_since: str | None, released: Collection[str]
) -> list[str]:
    """Return each statement that the release before could not live with.

    A table of the revision's own is nobody's yet. `unused_since` is what the revision says: a
    released version nothing of which, nor of later ones, uses what goes.
    """
    found: list[str] = []
    own: set[str] = set()
    for statement in statements:
        if new := _NEW_TABLE.match(statement):
            own.add(new[1])
        tables = {match[1] for one in _CONTRACTING if (match := one.search(statement))}
        if tables - own:
            found.append(" ".join(statement.split()))
    if found and unused_since is not None:
        return [] if unused_since in released else [f"{unused_since} was never released"]
    return found
