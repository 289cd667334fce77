"""Export of settings as a file: all or chosen ones, with their secrets only sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import make_response, render_template, request

from services.config_api.application.exports import ExportRequest
from services.config_api.domain.errors import DomainError
from services.config_api.domain.secret import Secret
from services.config_api.formats.registry import FORMATS
from services.config_api.http.auth import current_caller
from services.config_api.http.commands import query_context
from services.config_api.http.current import relaybook
from services.config_api.http.exports import export_response
from services.config_api.http.failures import field_errors, problem_of, wrong
from services.config_api.http.guard import requires
from services.config_api.http.passphrases import passphrase_errors
from services.config_api.http.problems import Problem, field_problem, invalid
from services.config_api.web.i18n import translate as _
from services.config_api.web.pages.frame import blueprint, problem_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

_CHOSEN: Final = "chosen"
_SEALED: Final = "sealed"


@blueprint.get("/export")
@requires("operator")
def export_form() -> Response:
    """Show the form; `id`, any number of times, chooses settings."""
    ids = request.args.getlist("id")
    return _page({"which": _CHOSEN if ids else "all", "ids": "\n".join(ids), "format": "javamail"})


@blueprint.post("/export")
@requires("operator")
def export_file() -> Response:
    """Answer the file; where it cannot be made, the form with the reason."""
    try:
        asked = _asked()
        ctx = query_context()
        file = relaybook().exports.make(asked, current_caller().principal, ctx)
    except (DomainError, Problem) as error:
        problem = problem_of(error)
        if problem is None:
            raise
        return _page(request.form, problem)
    return export_response(file, asked, ctx.at)


def _page(given: Mapping[str, str], problem: Problem | None = None) -> Response:
    error = problem_document(problem) if problem else None
    errors: dict[str, list[dict[str, Any]]] = {}
    for one in (error or {}).get("errors", ()):
        errors.setdefault(one["pointer"].strip("/").split("/")[0], []).append(one)
    names = _names()
    summary = [
        {"field": field, "name": names.get(field, field), "detail": each["detail"]}
        for field, found in errors.items()
        for each in found
    ]
    html = render_template(
        "export.html",
        given=given,
        error=error,
        errors=errors,
        summary=summary,
        formats=_formats(),
        may_seal=current_caller().principal.may("credentials"),
    )
    return make_response(html, problem.status if problem else 200)


def _names() -> dict[str, str]:
    return {
        "ids": _("Settings to export"),
        "format": _("Format"),
        "lossy": _("What the format cannot hold"),
        "passphrase": _("Passphrase"),
        "passphrase_again": _("Passphrase, again"),
    }


def _formats() -> dict[str, str]:
    return {"javamail": "javamail-config.xml", "json": "JSON", "yaml": "YAML", "csv": "CSV"}


def _asked() -> ExportRequest:
    """Return what the form asks for; raises Problem."""
    form = request.form
    if form.get("format") not in FORMATS:
        raise wrong("/format", "not_one_of", choices=sorted(FORMATS))
    return ExportRequest(
        ids=_ids() if form.get("which") == _CHOSEN else None,
        format=FORMATS[form["format"]],
        passphrase=_passphrase() if form.get("secrets") == _SEALED else None,
        lossy="lossy" in form,
    )


def _ids() -> tuple[str, ...]:
    ids = tuple(dict.fromkeys(request.form.get("ids", "").split()))
    if not ids:
        told = _("Name at least one setting, or export all.")
        raise invalid([field_problem("/ids", "required", told)])
    return ids


def _passphrase() -> Secret:
    """Return the passphrase, typed twice the same; raises Problem."""
    if not current_caller().principal.may("credentials"):
        raise Problem("forbidden", "role_missing", facts={"roles": "credentials"})
    typed = request.form.get("passphrase", "")
    errors = passphrase_errors(typed)
    if errors:
        raise invalid(field_errors(errors))
    if typed != request.form.get("passphrase_again", ""):
        told = _("The two passphrases differ.")
        raise invalid([field_problem("/passphrase_again", "wrong_value", told)])
    return Secret(typed)
