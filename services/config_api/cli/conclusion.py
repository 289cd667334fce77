"""What a finished connection test says: verdict, reason, what to change, the server's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.config_api.cli.language import N_, tr
from services.config_api.cli.output import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.config_api.cli.output import Output

_VERDICTS = {"passed": N_("passed"), "failed": N_("failed"), "inconclusive": N_("inconclusive")}


def report(output: Output, test: Mapping[str, Any]) -> None:
    """Print a finished test for people."""
    for line in report_lines(test):
        output.line(plain(line))


def report_lines(test: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a finished test."""
    verdict = _VERDICTS[test["verdict"]]
    yield tr(
        "{verdict} at step {step}: {code}",
        verdict=tr(verdict).upper(),
        step=test["step"],
        code=test["code"],
    )
    yield from filter(None, (test.get("title"), test.get("hint")))
    if test.get("fix"):
        yield tr("Change: {fix}", fix=", ".join(_assignments(test["fix"])))
    if test.get("reply") and (test["reply"].get("text") or "") not in (test.get("hint") or ""):
        yield tr("The server said: {words}", words=_reply(test["reply"]))
    for warning in test.get("warnings", ()):
        words = " ".join(filter(None, (warning["title"], warning.get("hint"))))
        yield tr("Warning {code}: {words}", code=warning["code"], words=words)


def _assignments(fix: Mapping[str, Any]) -> Iterator[str]:
    for name, value in fix.items():
        if isinstance(value, dict):
            yield from (f"{name}.{inner} = {one}" for inner, one in value.items())
        else:
            yield f"{name} = {value}"


def _reply(reply: Mapping[str, Any]) -> str:
    text, enhanced = reply.get("text") or "", reply.get("enhanced") or ""
    parts = (str(reply["code"]), "" if text.startswith(enhanced) else enhanced, text)
    return " ".join(filter(None, parts))
