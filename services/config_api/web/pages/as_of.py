"""The settings as they were at a moment: the list and one setting, to look at only."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from flask import make_response, redirect, render_template, request, url_for

from services.config_api.application.history import changes_between
from services.config_api.domain.setting import SettingState
from services.config_api.http.auth import current_caller
from services.config_api.http.current import relaybook
from services.config_api.http.failures import no_setting
from services.config_api.http.guard import require_sight, requires
from services.config_api.http.schemas.parameters import position_from
from services.config_api.read_model.documents import instant, setting_document
from services.config_api.read_model.listed import SettingsQuery
from services.config_api.web.changes import change_rows, without_nothing
from services.config_api.web.i18n import translate as _
from services.config_api.web.pages.frame import blueprint
from services.config_api.web.zones import local_input, typed_instant

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from services.config_api.application.history import Moment
    from services.config_api.read_model.listed import LastTest, ListedSetting

_PAGE_SIZE: Final = 50
_LONGEST: Final = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """The moment that is asked for: as it stands in the address, and the position that it is at."""

    text: str
    moment: Moment

    @property
    def position(self) -> int:
        """The position of the moment, at most that of now."""
        history, head = relaybook().history, relaybook().store.head()
        return min(history.position(self.moment), head)

    @property
    def instant(self) -> str | None:
        """The instant, None where a position was asked for."""
        return instant(self.moment) if isinstance(self.moment, datetime) else None


@blueprint.get("/as-of")
@requires("reader")
def settings_as_of() -> BaseResponse:
    """Show the list as it was `at` a position or an instant; without one, ask for it.

    A time without a zone is the viewer's; it becomes UTC in the address, which may be passed on.
    """
    typed = _typed()
    given = typed or request.args.get("at", "").strip()
    if not given:
        return make_response(render_template("as_of.html", **_form(None)))
    asked = _moment(given)
    if asked is None:
        return _refused(given)
    if typed:
        return redirect(
            url_for("web.settings_as_of", at=asked.text, q=request.args.get("q") or None)
        )
    return _list(asked)


@blueprint.get("/as-of/<setting_id>")
@requires("reader")
def setting_as_of(setting_id: str) -> BaseResponse:
    """Show one setting as it was `at` a moment."""
    require_sight(setting_id, no_setting(setting_id))
    given = request.args.get("at", "").strip()
    asked = _moment(given)
    if asked is None:
        return _refused(given)
    state = relaybook().history.setting_at(setting_id, asked.position)
    if not state.exists:
        raise no_setting(setting_id)
    last = relaybook().history.last_test_at(setting_id, asked.position)
    fields = changes_between(SettingState(setting_id=setting_id), state)
    html = render_template(
        "as_of_setting.html",
        setting=setting_document(state),
        rows=without_nothing(change_rows(fields)),
        **_last_test(last, state.version),
        **_form(asked),
    )
    return make_response(html)


def _typed() -> str:
    """Return which of the two fields the viewer changed; both hold what was shown before."""
    fields = [(name, request.args.get(name, "").strip()) for name in ("position", "time")]
    changed = [text for name, text in fields if text != request.args.get(f"shown.{name}", "")]
    return next(filter(None, changed), "")


def _list(asked: _Asked) -> Response:
    q = request.args.get("q", "").strip()[:_LONGEST]
    query = SettingsQuery(q=q or None, tenants=current_caller().principal.tenants)
    past = relaybook().history.settings_at(query, asked.position)
    after = request.args.get("after") or None
    page = past.page(after_id=after, limit=_PAGE_SIZE)
    here: dict[str, Any] = {"at": asked.text, "q": q or None}
    html = render_template(
        "as_of.html",
        items=[_row(one) for one in page.items],
        q=q,
        first=url_for("web.settings_as_of", **here) if after else None,
        next=url_for("web.settings_as_of", **here, after=page.next_id) if page.next_id else None,
        **_form(asked),
    )
    return make_response(html)


def _row(item: ListedSetting) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(item.document)
    return document | _last_test(item.last_test, item.version)


def _last_test(last: LastTest | None, version: int) -> dict[str, Any]:
    """Return a last test, and `tested`: how it stood to what was in force."""
    if last is None:
        return {"last_test": None, "tested": None}
    tested = last.verdict if last.version == version else "changed"
    return {"last_test": last.document(), "tested": tested}


def _moment(text: str) -> _Asked | None:
    """Return the moment that a text names, None where it names none."""
    with suppress(ValueError):
        return _Asked(text=text, moment=position_from(text))
    with suppress(ValueError):
        at = typed_instant(text)
        return _Asked(text=instant(at) or text, moment=at)
    return None


def _form(asked: _Asked | None) -> dict[str, Any]:
    """Return what the form above the list shows."""
    if asked is None:
        return {"asked": None, "time": "", "position": ""}
    at = asked.moment
    is_time = isinstance(at, datetime)
    return {
        "asked": asked,
        "time": local_input(at) if isinstance(at, datetime) else "",
        "position": "" if is_time else at,
    }


def _refused(given: str) -> Response:
    told = _("“%(text)s” is neither a date and time nor a position.") % {"text": given[:64]}
    html = render_template("as_of.html", refusal=told, **_form(None))
    return make_response(html, 422)
