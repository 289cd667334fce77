"""Revisions expand: the release before runs on the schema of the next one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.config import Config
from alembic.script import ScriptDirectory

import deploy.migrations
from tests.architecture.tree import ROOT
from tests.support.expansion import refusals, statements_of

if TYPE_CHECKING:
    from collections.abc import Callable

RELEASED: Final = re.findall(
    r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
)


def test_no_revision_takes_away_what_the_release_before_uses(empty_store_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(deploy.migrations.__file__).parent))
    script = ScriptDirectory.from_config(config)
    revisions = [one.module for one in script.walk_revisions()][::-1]
    assert [one.revision for one in revisions] == deploy.migrations.revisions()
    assert len(revisions) >= 8
    each = statements_of(empty_store_url, *(one.upgrade for one in revisions))
    for revision, statements in zip(revisions, each, strict=True):
        assert statements, revision.__name__
        since = getattr(revision, "unused_since", None)
        assert refusals(statements, unused_since=since, released=RELEASED) == [], revision.__name__


CONTRACTING: Final[tuple[Callable[[], object], ...]] = (
    lambda: op.drop_table("retest_steps"),
    lambda: op.drop_column("smtp_settings", "search"),
    lambda: op.rename_table("retest_steps", "steps"),
    lambda: op.alter_column("smtp_settings", "search", new_column_name="needle"),
    lambda: op.alter_column("smtp_settings", "search", type_=sa.String(10)),
    lambda: op.alter_column("test_work", "claimed_at", nullable=False),
    lambda: op.add_column("smtp_settings", sa.Column("weight", sa.Integer, nullable=False)),
    lambda: op.create_index("ix_unique", "smtp_settings", ["search"], unique=True),
    lambda: op.create_check_constraint("ck_short", "smtp_settings", "length(search) < 99999"),
    lambda: op.execute("DELETE FROM denials"),
)
EXPANDING: Final[tuple[Callable[[], object], ...]] = (
    lambda: op.add_column("smtp_settings", sa.Column("weight", sa.Integer)),
    lambda: op.add_column(
        "smtp_settings", sa.Column("weight", sa.Integer, nullable=False, server_default="0")
    ),
    lambda: op.create_index("ix_more", "smtp_settings", ["search"]),
    lambda: op.execute("UPDATE smtp_settings SET search = search"),
    lambda: op.alter_column("smtp_settings", "search", nullable=True),
)


def told(url: str, change: Callable[[], object], since: str | None = None) -> list[str]:
    """Return what is refused of a revision that makes this change."""

    def upgrade() -> None:
        op.create_table("own", sa.Column("id", sa.Integer, nullable=False))
        op.create_index("ix_own", "own", ["id"], unique=True)
        change()

    (statements,) = statements_of(url, upgrade)
    return refusals(statements, unused_since=since, released=["0.2.0"])


@pytest.mark.parametrize("change", CONTRACTING)
def test_a_contraction_is_refused_in_the_release_that_stops_using_it(
    postgres_url: str, change: Callable[[], object]
) -> None:
    assert len(told(postgres_url, change)) == 1


def test_a_contraction_passes_once_a_release_did_without(postgres_url: str) -> None:
    change = CONTRACTING[0]
    assert told(postgres_url, change, "0.2.0") == []


def test_the_release_that_did_without_must_exist(postgres_url: str) -> None:
    assert told(postgres_url, CONTRACTING[1], "0.3.0") == ["0.3.0 was never released"]


@pytest.mark.parametrize("change", EXPANDING)
def test_an_expansion_passes(postgres_url: str, change: Callable[[], object]) -> None:
    assert told(postgres_url, change) == []
