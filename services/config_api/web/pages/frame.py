"""What every page has: the menu, the reader's language and colours, and how an error looks."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup

from services.config_api.http.auth import caller
from services.config_api.http.problems import Problem
from services.config_api.http.trace import current_trace
from services.config_api.web.i18n import install, language
from services.config_api.web.i18n import translate as _

if TYPE_CHECKING:
    from flask import Flask
    from flask.blueprints import BlueprintSetupState
    from werkzeug.wrappers import Response

THEME_COOKIE: Final = "relaybook-theme"
THEMES: Final = ("light", "dark")
STATIC = Path(__file__).parent.parent / "static"

blueprint = Blueprint("web", "services.config_api.web", template_folder="templates")


@cache
def _svg(name: str) -> Markup:
    """Return one of the vendored icons as markup."""
    path = STATIC / "vendor" / "tabler-icons" / f"{name}.svg"
    return Markup(path.read_text())  # noqa: S704 -- our own vendored file, no input


@cache
def _digest(path: str) -> str:
    """Return a short hash of a static file, so that a browser may keep it for ever."""
    return sha256((STATIC / path).read_bytes()).hexdigest()[:12]


def _asset(path: str) -> str:
    return url_for("web.static_file", path=path, v=_digest(path))


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    app = cast("Flask", state.app)
    install(app)
    app.jinja_env.globals.update(asset=_asset, svg=_svg)  # macros see globals only


def _menu() -> list[tuple[str, str, str]]:
    return [
        ("web.settings_list", "mail-cog", _("SMTP settings")),
        ("web.import_form", "file-import", _("Import")),
    ]


@blueprint.context_processor
def _frame() -> dict[str, Any]:
    """Return what the templates of all pages use."""
    known = caller()
    theme = request.cookies.get(THEME_COOKIE)
    return {
        "menu": _menu(),
        "language": language(),
        "theme": theme if theme in THEMES else None,
        "principal": known.principal if known else None,
        "csrf_token": known.session.csrf_token if known and known.session else "",
    }


def problem_document(problem: Problem) -> dict[str, Any]:
    """Return a problem for a page, in the reader's language."""
    return problem.document(language(), current_trace().trace_id)


@blueprint.errorhandler(Problem)
def _refused(problem: Problem) -> Response | tuple[str, int]:
    """Lead a reader who is not signed in to the sign-in; show others what is wrong."""
    if problem.slug == "unauthenticated":
        return redirect(url_for("web.sign_in"))
    return render_template("problem.html", error=problem_document(problem)), problem.status
