"""What becomes of a command's failures: a message on stderr and the exit code of contract §10."""

from __future__ import annotations

import json
import os
import sys
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from services.config_api.cli.failures import Failure, Internal, ReaderGone
from services.config_api.cli.language import tr
from services.config_api.cli.usage_errors import usage_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.config_api.cli.session import Session

USAGE: Final = 2
REFUSED: Final = 1
INTERRUPTED: Final = 130  # what a shell expects of a program that Ctrl-C ended


@dataclass
class Ending:
    """How the run ended."""

    code: int = 0


@contextmanager
def ended(session: Session) -> Iterator[Ending]:
    """Turn whatever ends a command into its exit code; nothing leaves but SystemExit."""
    ending = Ending()
    try:
        yield ending
        sys.stdout.flush()
    except Failure as failure:
        ending.code = _tell(session, failure)
    except click.UsageError as error:
        session.output.note(usage_words(error))
        ending.code = USAGE
    except (click.Abort, KeyboardInterrupt) as error:
        interrupted = isinstance(error.__cause__ or error, KeyboardInterrupt)
        ending.code = INTERRUPTED if interrupted else REFUSED
    except (BrokenPipeError, ReaderGone):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone
    except Exception as error:  # noqa: BLE001 -- the last line of defence shows one line and 70
        ending.code = _tell(session, _fault(session, error))


def _fault(session: Session, error: Exception) -> Internal:
    if session.debugging:
        traceback.print_exception(error)
    return Internal(
        tr("Something broke: {kind}: {error}", kind=type(error).__name__, error=error),
        advice=tr("RELAYBOOK_LOG_LEVEL=debug shows where."),
    )


def _tell(session: Session, failure: Failure) -> int:
    if session.json and failure.problem:
        session.output.note(json.dumps(failure.problem, ensure_ascii=False))
    else:
        session.output.note(tr("Error: {message}", message=failure.message))
        if failure.advice:
            session.output.note(failure.advice)
    return failure.exit_code
