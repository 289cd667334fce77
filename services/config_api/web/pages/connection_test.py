"""A connection test: start it, watch its steps, read what to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, redirect, render_template, request, stream_with_context, url_for

from events.codec import to_data
from services.config_api.domain.step_detail import detail_parts
from services.config_api.http.commands import query_context
from services.config_api.http.current import relaybook
from services.config_api.http.failures import no_setting, no_test
from services.config_api.http.guard import require_sight, requires
from services.config_api.http.streams import event_stream
from services.config_api.read_model.documents import localized_test
from services.config_api.web.i18n import language
from services.config_api.web.pages.frame import blueprint
from services.config_api.web.step_words import step_names, step_states

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from werkzeug.wrappers import Response as BaseResponse


@blueprint.post("/tests")
@requires("operator")
def start_test() -> BaseResponse:
    """Ask for a test of a stored setting and lead to its page."""
    setting_id = request.form.get("setting_id", "")
    require_sight(setting_id, no_setting(setting_id))
    answer = relaybook().connection_tests.request(
        setting_id=setting_id,
        draft=None,
        depth="auth",
        mail_from=None,
        rcpt_to=None,
        ctx=query_context(),
    )
    test_id = (answer.document or {})["id"]
    return redirect(url_for("web.test_page", test_id=test_id))


@blueprint.get("/tests/<test_id>")
@requires("reader")
def test_page(test_id: str) -> str:
    """Show a test; while it runs the page follows it."""
    stored = _stored(test_id)
    return render_template("test.html", **_panel(stored))


@blueprint.get("/tests/<test_id>/stream")
@requires("reader")
def test_stream(test_id: str) -> Response:
    """Stream the test's panel as it changes, then `completed`."""
    _stored(test_id)
    return event_stream(stream_with_context(_panels(test_id)))


def _stored(test_id: str) -> dict[str, Any]:
    """Return a test that the reader may see; raises Problem `not-found`."""
    found = relaybook().read_model.test(test_id)
    if found is None:
        raise no_test(test_id)
    require_sight(found.setting_id, no_test(test_id))
    return found.document


def _panels(test_id: str) -> Iterator[str]:
    for glimpse in relaybook().live.watch(test_id):
        stored = _stored(test_id)
        if glimpse.kind == "quiet":
            yield ": quiet\n\n"
            continue
        steps = [to_data(step) for step in glimpse.steps] or None
        yield _html_event(render_template("test_panel.html", **_panel(stored, live=steps)))
        if glimpse.kind == "ended":
            yield "event: completed\ndata: -\n\n"


def _html_event(html: str) -> str:
    lines = "".join(f"data: {line}\n" for line in html.splitlines())
    return f"{lines}\n"


def _panel(
    stored: dict[str, Any], *, live: Sequence[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Return what the templates of a test show; `live` are the steps of an attempt that runs."""
    test = localized_test(stored, language())
    running = test["state"] != "completed"
    steps = (live or []) if running else test["steps"]
    return {
        "test": test,
        "running": running,
        "steps": [step | {"words": " · ".join(detail_parts(step["detail"]))} for step in steps],
        "step_names": step_names(),
        "step_states": step_states(),
    }
