"""What the service's bad answers mean for a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import httpx

from services.config_api.cli.failures import Internal, NotReachable, Refused
from services.config_api.cli.language import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.config_api.cli.failures import Failure


def failure_of(answer: httpx.Response) -> Failure:
    """Return what a bad answer, which was read, means for the command."""
    return failure_from(answer.status_code, _problem(answer))


def failure_from(status: int, problem: dict[str, Any]) -> Failure:
    """Return what a bad status with its problem document means for the command."""
    message = problem_words(problem) or tr("The service answered {status}.", status=status)
    if status == httpx.codes.SERVICE_UNAVAILABLE:
        return NotReachable(message, problem=problem)
    if httpx.codes.is_server_error(status):
        return Internal(message, problem=problem)
    advice = ""
    if status == httpx.codes.UNAUTHORIZED:
        advice = tr("The token comes from RELAYBOOK_TOKEN, RELAYBOOK_TOKEN_FILE or the data dir.")
    return Refused(message, advice=advice, problem=problem)


def _problem(answer: httpx.Response) -> dict[str, Any]:
    if "json" not in answer.headers.get("Content-Type", ""):
        return {}
    return cast("dict[str, Any]", answer.json())


def problem_words(problem: Mapping[str, Any]) -> str:
    """Return a problem document (RFC 9457) as lines: title, detail, then each wrong field."""
    lines = [": ".join(part for name in ("title", "detail") if (part := problem.get(name)))]
    lines += [f"  {_place(one)}{one['detail']}" for one in problem.get("errors", ())]
    return "\n".join(lines)


def _place(error: Mapping[str, Any]) -> str:
    """Return what is wrong: a field, a parameter or a header; nothing for the whole body."""
    names = ("pointer", "parameter", "header")
    return next((f"{found}: " for name in names if (found := error.get(name))), "")
