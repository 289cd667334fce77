"""A connection test: start it, watch its steps, read what to change, stop it; and all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, get_args

from flask import Response, redirect, render_template, request, stream_with_context, url_for

from events.connection_test import Verdict
from services.config_api.http.auth import current_caller
from services.config_api.http.commands import query_context
from services.config_api.http.current import relaybook
from services.config_api.http.failures import no_setting
from services.config_api.http.guard import require_sight, requires
from services.config_api.http.streams import event_stream
from services.config_api.read_model.queries import TestsQuery
from services.config_api.web.pages.frame import blueprint
from services.config_api.web.pages.test_panel import panel_of, seen_test, spoken_test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.wrappers import Response as BaseResponse

_PAGE_SIZE = 50


@blueprint.get("/tests")
@requires("reader")
def tests_list() -> str:
    """Show the tests, newest first, of one setting or with one verdict where that is asked for."""
    setting_id = request.args.get("setting_id", "").strip()
    verdict = request.args.get("verdict", "")
    if verdict not in get_args(Verdict):
        verdict = ""
    query = TestsQuery(
        setting_id=setting_id or None,
        verdict=cast("Verdict", verdict) if verdict else None,
        tenants=current_caller().principal.tenants,
    )
    before = request.args.get("before", type=int)
    page = relaybook().read_model.tests_page(query, before=before, limit=_PAGE_SIZE)
    asked: dict[str, Any] = {"setting_id": setting_id or None, "verdict": verdict or None}
    first = url_for("web.tests_list", **asked) if before is not None else None
    following = page.next_position
    return render_template(
        "tests_list.html",
        items=[spoken_test(one) for one in page.items],
        asked=asked,
        first=first,
        next=url_for("web.tests_list", **asked, before=following) if following else None,
    )


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
    panel = panel_of(test_id)
    return render_template("test.html", panel=panel, **panel)


@blueprint.post("/tests/<test_id>/cancel")
@requires("operator")
def cancel_test(test_id: str) -> BaseResponse:
    """Stop a test and show it; one that has ended stays as it is."""
    seen_test(test_id)
    relaybook().connection_tests.cancel(test_id, query_context())
    return redirect(url_for("web.test_page", test_id=test_id))


@blueprint.get("/tests/<test_id>/stream")
@requires("reader")
def test_stream(test_id: str) -> Response:
    """Stream the test's panel as it changes, then `completed`."""
    seen_test(test_id)
    return event_stream(stream_with_context(_panels(test_id, in_form="form" in request.args)))


def _panels(test_id: str, *, in_form: bool) -> Iterator[str]:
    for glimpse in relaybook().live.watch(test_id):
        if glimpse.kind == "quiet":
            yield ": quiet\n\n"
            continue
        panel = panel_of(test_id, glimpse.steps)
        yield _html_event(render_template("test_panel.html", **panel, in_form=in_form))
        if glimpse.kind == "ended":
            yield "event: completed\ndata: -\n\n"


def _html_event(html: str) -> str:
    lines = "".join(f"data: {line}\n" for line in html.splitlines())
    return f"{lines}\n"
