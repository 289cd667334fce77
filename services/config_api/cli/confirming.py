"""Asks before something is done that cannot be taken back."""

from __future__ import annotations

import sys

import click

from services.config_api.cli.failures import Refused, WrongUsage
from services.config_api.cli.language import tr


def require_yes(question: str, *, refused: str) -> None:
    """Ask a person; raises Refused for a no, WrongUsage where nobody can be asked."""
    if not sys.stdin.isatty():
        raise WrongUsage(tr("Nobody can be asked here: give --yes."))
    if not click.confirm(question, err=True):
        raise Refused(refused)
