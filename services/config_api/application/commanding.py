"""Commands as figures and spans: each is counted by what became of it, whoever gave it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from events.store.port import RowExists, VersionConflict
from events.tracing import span
from services.config_api.application.figures import COMMANDS
from services.config_api.application.sign_in_tries import TooManyTries
from services.config_api.domain.errors import DomainError
from services.config_api.formats.malformed import MalformedFile

P = ParamSpec("P")
R = TypeVar("R")

_REFUSALS: Final = (DomainError, MalformedFile, RowExists, TooManyTries, VersionConflict)


def as_command(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a handler's method be counted and traced under a name such as `smtp_settings.register`.

    A command that another one leads to is one of its own.
    """

    def counted(handler: Callable[P, R]) -> Callable[P, R]:
        done, refused, failed = (COMMANDS.labels(command=name, outcome=outcome)
                                 for outcome in ("done", "refused", "failed"))  # fmt: skip

        @wraps(handler)
        def carry_out(*args: P.args, **kwargs: P.kwargs) -> R:
            with span(f"command {name}"):
                try:
                    answer = handler(*args, **kwargs)
                except _REFUSALS:
                    refused.inc()
                    raise
                except Exception:
                    failed.inc()
                    raise
            done.inc()
            return answer

        return carry_out

    return counted
