"""A release of tomorrow: this one with a revision more, in a folder of its own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from tests.integration.cli.running import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LATER: Final = "9001_later"
_REVISION: Final = """
import sqlalchemy as sa
from alembic import op

revision = "9001_later"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("smtp_settings", sa.Column("later", sa.Text))
    op.create_index("ix_smtp_settings_later", "smtp_settings", ["later"])
    op.create_table("later", sa.Column("id", sa.Text, primary_key=True))


def downgrade() -> None:
    op.drop_table("later")
    op.drop_index("ix_smtp_settings_later", "smtp_settings")
    op.drop_column("smtp_settings", "later")
"""


def later_release(folder: Path, head: str) -> dict[str, str]:
    """Make the release and return the variables that let Python find it before this one."""
    for name in ("events", "services"):
        (folder / name).symlink_to(ROOT / name)
    left_out = shutil.ignore_patterns("__pycache__", "screenshots", "chart")
    shutil.copytree(ROOT / "deploy", folder / "deploy", ignore=left_out)
    versions = folder / "deploy" / "migrations" / "versions"
    (versions / "9001_later.py").write_text(_REVISION.format(head=head), encoding="utf-8")
    return {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}
