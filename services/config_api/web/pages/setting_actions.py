"""What can be done with the form of a setting: save it, test it, take a suggestion, another row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast, get_args

from flask import make_response, redirect, request, url_for

from events.connection_test import Depth
from services.config_api.application.loading import load_setting
from services.config_api.domain.errors import DomainError, InvalidFields, StaleVersion
from services.config_api.domain.setting_fields import fields_of
from services.config_api.domain.setting_id import is_setting_id
from services.config_api.formats.document import read_draft, read_setting
from services.config_api.formats.strict_json import MalformedDocument, strict_json
from services.config_api.http.auth import current_caller
from services.config_api.http.commands import query_context
from services.config_api.http.current import relaybook
from services.config_api.http.failures import no_setting, problem_of, wrong
from services.config_api.http.guard import require_sight
from services.config_api.http.problems import Problem, field_problem, invalid
from services.config_api.read_model.documents import setting_document
from services.config_api.web.flashes import tell
from services.config_api.web.i18n import translate as _
from services.config_api.web.pages.conflict import CHOICE, THEIRS, conflict_of, resolved
from services.config_api.web.pages.frame import is_fragment, problem_document
from services.config_api.web.pages.setting_view import Form, page
from services.config_api.web.pages.test_panel import panel_of
from services.config_api.web.setting_form import Property, changed_form, repeated_properties

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from services.config_api.domain.setting import SettingState
    from services.config_api.domain.setting_fields import SettingDraft


def acted(form: Form) -> BaseResponse:
    """Do what the pressed button asks for and return the page that follows."""
    if "fix" in request.form:
        return _with_suggestion(form, request.form["fix"])
    do = request.form.get("do")
    if do == "preview":
        return page(form)
    if do == "row":
        rows = (*form.typed.properties, Property())
        return page(replace(form, typed=replace(form.typed, properties=rows)))
    acts = {"test": _test, "resolve": _resolve, "register_again": _register}
    return _guarded(form, acts.get(do or "", _save))


def _guarded(form: Form, act: Callable[[Form], BaseResponse]) -> BaseResponse:
    """Act; where the rules refuse, return the form as it was typed with what is wrong."""
    try:
        _require_single_rows(form)
        response = act(form)
    except (DomainError, Problem) as error:
        if isinstance(error, StaleVersion):
            return _conflict(form, error)
        problem = problem_of(error)
        if problem is None:
            raise
        return page(replace(form, problem=problem_document(problem)), problem.status)
    return response


def _resolve(form: Form) -> BaseResponse:
    return _save(_resolved(form))


def _save(form: Form) -> BaseResponse:
    if form.state is None:
        return _register(form)
    settings, setting_id = relaybook().smtp_settings, form.state.setting_id
    draft = _checked(form, setting_id)
    before = form.version or form.state.version
    answer = settings.replace(setting_id, draft, before, query_context())
    word = "unchanged" if answer.version == before else "updated"
    return _led(url_for("web.setting_page", setting_id=setting_id), word, setting_id)


def _register(form: Form) -> BaseResponse:
    settings = relaybook().smtp_settings
    document = {"id": form.typed.id, **form.document} if form.typed.id else form.document
    if form.typed.id:
        require_sight(form.typed.id, Problem("forbidden", "other_tenant"))
    known, at = settings.known_providers(), relaybook().clock()
    setting_id, draft = read_setting(document, known_providers=known, at=at)
    settings.register(setting_id, draft, query_context())
    return _led(url_for("web.setting_page", setting_id=setting_id), "registered", setting_id)


def _checked(form: Form, setting_id: str) -> SettingDraft:
    settings = relaybook().smtp_settings
    _id, draft = read_setting(
        form.document,
        path_id=setting_id,
        known_providers=settings.known_providers(),
        at=relaybook().clock(),
    )
    return draft


def _test(form: Form) -> BaseResponse:
    """Ask for a test of the form, or of the stored setting where the form is the same."""
    setting_id = _tested_id(form)
    known = relaybook().oauth.stored.known()
    draft = read_draft(form.document, known_providers=known, at=relaybook().clock())
    answer = relaybook().connection_tests.request(
        setting_id=setting_id,
        draft=None if _is_stored(draft, form.state) else draft,
        depth=_depth(form.wish.depth),
        mail_from=form.wish.mail_from or None,
        rcpt_to=form.wish.rcpt_to or None,
        ctx=query_context(),
    )
    test_id = str((answer.document or {})["id"])
    address = _address_of_test(form, test_id)
    if not is_fragment():
        return redirect(f"{address}#test")
    response = page(replace(form, test=panel_of(test_id)))
    response.headers["HX-Replace-Url"] = address
    return response


def _tested_id(form: Form) -> str | None:
    """Return whose setting is tested; None for the form of a new one without an ID yet."""
    setting_id = form.state.setting_id if form.state else form.typed.id
    if is_setting_id(setting_id):
        require_sight(setting_id, no_setting(setting_id))
        return setting_id
    if current_caller().principal.tenants is not None:
        raise Problem("forbidden", "other_tenant")
    return None


def _depth(word: str) -> Depth:
    if word not in get_args(Depth):
        raise wrong("/depth", "not_one_of", choices=list(get_args(Depth)))
    return cast("Depth", word)


def _is_stored(draft: SettingDraft, state: SettingState | None) -> bool:
    """Tell whether a draft says what is stored, so that a test of it is one of the setting."""
    if state is None or state.values is None or draft.secrets:
        return False
    return fields_of(draft.values) == fields_of(state.values)


def _address_of_test(form: Form, test_id: str) -> str:
    if form.state is None:
        return url_for("web.register_page", test=test_id)
    return url_for("web.setting_page", setting_id=form.state.setting_id, test=test_id)


def _with_suggestion(form: Form, text: str) -> Response:
    try:
        patch = strict_json(text.encode())
    except MalformedDocument:
        patch = None
    if not isinstance(patch, dict):
        return page(form)
    note = _("The suggested change stands in the form now; it is not saved yet.")
    return page(replace(form, typed=changed_form(form.typed, patch), note=note))


def _conflict(form: Form, error: StaleVersion) -> Response:
    """Return the form with both sides, so that a choice can be made for each field."""
    state = load_setting(relaybook().store, error.subject)
    try:
        conflict = conflict_of(state, _checked(form, error.subject), error.expected)
    except InvalidFields as wrong_fields:
        problem = invalid([]) if (found := problem_of(wrong_fields)) is None else found
        return page(replace(form, problem=problem_document(problem)), problem.status)
    shown = replace(form, state=state, version=error.actual, conflict=conflict)
    return page(shown, 412)


def _resolved(form: Form) -> Form:
    """Return the form after the choice: their values where theirs was chosen."""
    if form.state is None:
        return form
    theirs = [
        name.removeprefix(CHOICE)
        for name, side in request.form.items()
        if name.startswith(CHOICE) and side == THEIRS
    ]
    return replace(form, typed=resolved(form.typed, setting_document(form.state), theirs))


def _require_single_rows(form: Form) -> None:
    repeated = repeated_properties(form.typed)
    if repeated:
        told = _("This property stands in more than one row.")
        errors = [
            field_problem(f"/session_properties/{name}", "property_repeated", told)
            for name in repeated
        ]
        raise invalid(errors)


def _led(address: str, word: str, name: str) -> BaseResponse:
    """Lead to a page that tells what was done."""
    if is_fragment():
        response: BaseResponse = make_response("")
        response.headers["HX-Redirect"] = address
    else:
        response = redirect(address)
    tell(response, word, name)
    return response
