"""An earlier version of a setting comes back: what would change, a confirmation, a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import make_response, redirect, render_template, request, url_for

from events.smtp_setting import PASSWORD
from services.config_api.application.history import changes_between
from services.config_api.application.restoring import Restore
from services.config_api.domain.errors import DomainError
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_commands import Absent
from services.config_api.http.commands import query_context
from services.config_api.http.current import relaybook
from services.config_api.http.failures import no_setting, problem_of, wrong
from services.config_api.http.guard import require_sight, requires
from services.config_api.read_model.documents import instant
from services.config_api.web.changes import change_rows
from services.config_api.web.flashes import tell
from services.config_api.web.pages.frame import blueprint, problem_document
from services.config_api.web.words import field_name

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from services.config_api.application.history import Version
    from services.config_api.domain.setting import SettingState
    from services.config_api.http.problems import Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class _Restoration:
    """The version that would come back, and the setting as it is."""

    asked: Version
    current: SettingState

    @property
    def needs_password(self) -> bool:
        """True where what belonged to that version is not held any more."""
        state = self.asked.after
        if state.values is None:
            return False
        held = relaybook().smtp_settings.secrets.held
        refs = state.values.secrets.values()
        lost = state.values.secret == "required"  # noqa: S105 -- a state
        return lost or not all(held(state.setting_id, ref) for ref in refs)


@blueprint.get("/settings/<setting_id>/restore")
@requires("operator")
def restore_form(setting_id: str) -> Response:
    """Show what a restoration of `version` would change, and ask."""
    return _page(_restoration(setting_id, request.args.get("version", type=int)))


@blueprint.post("/settings/<setting_id>/restore")
@requires("operator")
def restore_setting(setting_id: str) -> BaseResponse:
    """Restore a version over the one that the page showed; where that is refused, say why."""
    restoration = _restoration(setting_id, request.form.get("version", type=int))
    asked = Restore(
        version=restoration.asked.event.version,
        expected=_expected(),
        given=_given(),
    )
    try:
        answer = relaybook().smtp_settings.restore(setting_id, asked, query_context())
    except DomainError as error:
        problem = problem_of(error)
        if problem is None:
            raise
        return _page(restoration, problem)
    response = redirect(url_for("web.setting_page", setting_id=setting_id))
    is_same = answer.version == restoration.current.version
    tell(response, "unchanged" if is_same else "restored", setting_id)
    return response


def _restoration(setting_id: str, number: int | None) -> _Restoration:
    """Return what is asked for; raises SettingNotFound, Problem where there is no such version."""
    require_sight(setting_id, no_setting(setting_id))
    versions = relaybook().history.versions(setting_id)
    newest = len(versions)
    if number is None or not 1 <= number <= newest:
        raise wrong("?version", "no_such_version", version=number, newest=newest)
    return _Restoration(asked=versions[number - 1], current=versions[-1].after)


def _expected() -> int | Absent:
    shown = request.form.get("expected", type=int)
    return Absent.ABSENT if shown is None else shown


def _given() -> dict[str, Secret | None]:
    """Return the password that was typed, None in its place to go without, or nothing."""
    if "auth.remove_password" in request.form:
        return {PASSWORD: None}
    typed = request.form.get("password", "")
    return {PASSWORD: Secret(typed)} if typed else {}


def _page(restoration: _Restoration, problem: Problem | None = None) -> Response:
    asked, current = restoration.asked, restoration.current
    html = render_template(
        "restore.html",
        setting_id=current.setting_id,
        version=asked.event.version,
        at=instant(asked.event.recorded_at),
        actor=asked.event.actor,
        has_values=asked.after.exists,
        current=current.version if current.exists else None,
        rows=change_rows(changes_between(current, asked.after)),
        needs_password=restoration.needs_password,
        **_refusal(problem),
    )
    return make_response(html, problem.status if problem else 200)


def _refusal(problem: Problem | None) -> dict[str, Any]:
    error = problem_document(problem) if problem else None
    found = list((error or {}).get("errors", ()))
    summary = [
        {"field": "password", "name": field_name("/auth/password"), "detail": one["detail"]}
        for one in found
        if one["pointer"].endswith(PASSWORD)
    ]
    return {"error": error, "errors": {"password": found} if summary else {}, "summary": summary}
