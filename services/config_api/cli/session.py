"""What one run of the command line carries around; importing it loads nothing heavy."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.config_api.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(kw_only=True)
class Session:
    """How to print, and which variables were given as options.

    `overrides` win over the environment, and child processes receive them too.
    """

    json: bool = False
    headers: bool = True
    overrides: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> Mapping[str, str]:
        """The process's environment with the options of the command line."""
        return {**os.environ, **self.overrides}

    @property
    def debugging(self) -> bool:
        """True where an internal error should show its trace."""
        return self.environment.get("RELAYBOOK_LOG_LEVEL") == "debug"

    @property
    def output(self) -> Output:
        """Where data and notes are written."""
        return Output(as_json=self.json, headers=self.headers)
