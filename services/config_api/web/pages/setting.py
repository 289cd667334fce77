"""The page of one setting: read it, change it, delete it; and the page that registers one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import redirect, request, url_for

from services.config_api.application.loading import load_setting, load_test
from services.config_api.domain.setting_fields import fields_of
from services.config_api.http.commands import query_context
from services.config_api.http.current import relaybook
from services.config_api.http.failures import no_setting
from services.config_api.http.guard import require_sight, requires
from services.config_api.read_model.documents import setting_document
from services.config_api.web.flashes import tell
from services.config_api.web.i18n import translate as _
from services.config_api.web.pages.frame import blueprint
from services.config_api.web.pages.setting_actions import acted
from services.config_api.web.pages.setting_view import Form, TestWish, page
from services.config_api.web.pages.test_panel import panel_of, seen_test
from services.config_api.web.setting_form import (
    Typed,
    changed_form,
    form_of,
    new_form,
    typed_form,
)

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from services.config_api.domain.setting import SettingState


@blueprint.get("/register")
@requires("operator")
def register_page() -> Response:
    """Show the form of a new setting; `test` fills in the draft that was tested."""
    form = Form(state=None, typed=replace(new_form(), id=request.args.get("id", "")))
    return page(_with_test(form))


@blueprint.post("/register")
@requires("operator")
def register() -> BaseResponse:
    """Register a setting, or do what another button of the form asks for."""
    return acted(Form(state=None, typed=typed_form(request.form), wish=_wish()))


@blueprint.get("/settings/<setting_id>")
@requires("reader")
def setting_page(setting_id: str) -> Response:
    """Show a setting and its form; `test` shows a test of it, with the draft that was tested."""
    state = _state(setting_id)
    return page(_with_test(Form(state=state, typed=_stored_form(state))))


@blueprint.post("/settings/<setting_id>")
@requires("operator")
def change_setting(setting_id: str) -> BaseResponse:
    """Change a setting, or do what another button of the form asks for."""
    require_sight(setting_id, no_setting(setting_id))
    state = load_setting(relaybook().store, setting_id)
    if state.version == 0:
        raise no_setting(setting_id)
    typed = replace(typed_form(request.form), id=setting_id)
    version = request.form.get("version", type=int)
    return acted(Form(state=state, typed=typed, version=version, wish=_wish()))


@blueprint.post("/settings/<setting_id>/delete")
@requires("operator")
def delete_setting(setting_id: str) -> BaseResponse:
    """Delete a setting in the version that its page showed."""
    _state(setting_id)
    version = request.form.get("version", type=int)
    answer = relaybook().smtp_settings.delete(setting_id, version or 0, query_context())
    response = redirect(url_for("web.settings_list"))
    tell(response, "deleted" if answer.document is None else "default_back", setting_id)
    return response


def _state(setting_id: str) -> SettingState:
    """Return a setting that the reader may see; raises Problem `not-found`."""
    require_sight(setting_id, no_setting(setting_id))
    state = load_setting(relaybook().store, setting_id)
    if not state.exists:
        raise no_setting(setting_id)
    return state


def _stored_form(state: SettingState) -> Typed:
    secrets = state.values.secrets if state.values else {}
    names = [name for name in secrets if name.startswith("mail.")]
    return form_of(setting_document(state), names)


def _with_test(form: Form) -> Form:
    """Return the form with the test that the address names, and what was tested in its fields."""
    test_id = request.args.get("test")
    if not test_id:
        return form
    stored = seen_test(test_id)
    own = form.state.setting_id if form.state else None
    if own is not None and stored.setting_id != own:
        return form
    asked = load_test(relaybook().store, test_id).state.requested
    if asked is not None and asked.draft is not None:
        secrets = [name for name in asked.draft.secrets if name.startswith("mail.")]
        document = {"id": stored.setting_id, **fields_of(asked.draft)}
        document["host_unicode"] = asked.draft.host_unicode
        note = _("The form holds what was tested; it is not saved yet.")
        form = replace(form, typed=form_of(document, secrets), note=note)
    fix = stored.document["fix"]
    if fix and "fix" in request.args:
        note = _("The suggested change stands in the form now; it is not saved yet.")
        form = replace(form, typed=changed_form(form.typed, fix), note=note)
    return replace(form, test=panel_of(test_id))


def _wish() -> TestWish:
    return TestWish(
        depth=request.form.get("test.depth", "auth"),
        mail_from=request.form.get("test.mail_from", "").strip(),
        rcpt_to=request.form.get("test.rcpt_to", "").strip(),
    )
