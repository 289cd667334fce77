"""Import of a file in two steps: see what will happen, then do it.

The browser keeps the file between the two, so that no password waits on the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, cast

from flask import render_template, request

from events.transfer import ImportMode
from services.config_api.domain.errors import ImportInvalid
from services.config_api.domain.secret import Secret
from services.config_api.formats.age import WrongPassphrase, unsealed
from services.config_api.formats.names import SUFFIXES
from services.config_api.formats.port import MalformedFile
from services.config_api.formats.registry import format_of_suffix
from services.config_api.http.bodies import FILE_LIMIT
from services.config_api.http.commands import query_context
from services.config_api.http.current import relaybook
from services.config_api.http.failures import problem_of, wrong
from services.config_api.http.guard import requires
from services.config_api.http.passphrases import wrong_passphrase
from services.config_api.http.problems import Problem, field_problem, invalid
from services.config_api.web.i18n import language
from services.config_api.web.i18n import translate as _
from services.config_api.web.pages.frame import blueprint, is_fragment, problem_document
from services.config_api.web.words import actions

if TYPE_CHECKING:
    from services.config_api.application.imports import ImportPlan
    from services.config_api.formats.port import Format

_MOST_SHOWN = 300
_SEALED = ".age"
_SUFFIXES = ",".join((*SUFFIXES, _SEALED))


@blueprint.get("/import")
@requires("operator", whole=True)
def import_form() -> str:
    """Show the form."""
    return render_template("import.html", plan=None, error=None, suffixes=_SUFFIXES)


@blueprint.post("/import")
@requires("operator", whole=True, body_limit=FILE_LIMIT)
def import_file() -> str | tuple[str, int]:
    """Plan the import of the chosen file, or carry it out."""
    shown: dict[str, Any] = {"plan": None, "error": None}
    status = 200
    try:
        shown["plan"] = _plan_or_import()
    except (ImportInvalid, MalformedFile, Problem) as error:
        problem = problem_of(error)
        if problem is None:
            raise
        shown["error"] = problem_document(problem)
        if isinstance(error, ImportInvalid):
            shown["plan"] = _shown(error.plan) | {"dry_run": True}  # nothing was done
        status = problem.status
    template = "import_plan.html" if is_fragment() else "import.html"
    return render_template(template, actions=actions(), suffixes=_SUFFIXES, **shown), status


def _plan_or_import() -> dict[str, Any]:
    (stream, chosen), mode = _chosen_file(), _chosen_mode()
    items = chosen.read(stream)
    imports, ctx = relaybook().imports, query_context()
    if request.form.get("step") == "run":
        answer = imports.carry_out(
            items, format_name=chosen.name, mode=mode, skip_invalid=False, ctx=ctx
        )
        return _shown(answer.plan)
    return _shown(imports.plan(items, mode=mode, ctx=ctx))


def _shown(plan: ImportPlan) -> dict[str, Any]:
    """Return a plan with as many items as a page can show; `more` are those that it leaves out."""
    more = max(0, len(plan.items) - _MOST_SHOWN)
    return plan.document(language(), most=_MOST_SHOWN) | {"more": more}


def _chosen_file() -> tuple[BinaryIO, Format]:
    """Return the file and the format that the end of its name tells; raises Problem."""
    chosen = request.files.get("file")
    if chosen is None or not chosen.filename:
        detail = _("The form was sent without a file.")
        raise invalid([field_problem("/file", "required", detail)])
    sealed = chosen.filename.lower().endswith(_SEALED)
    told = format_of_suffix(chosen.filename[: -len(_SEALED)] if sealed else chosen.filename)
    if told is None:
        detail = _("The end of the file's name does not tell its format.")
        raise invalid([field_problem("/file", "wrong_value", detail)])
    stream = cast("BinaryIO", chosen.stream)
    return (_opened(stream) if sealed else stream), told


def _opened(stream: BinaryIO) -> BinaryIO:
    passphrase = request.form.get("passphrase")
    if not passphrase:
        raise wrong("/passphrase", "passphrase_missing")
    try:
        return unsealed(stream, Secret(passphrase))
    except WrongPassphrase as error:
        raise wrong_passphrase("/passphrase") from error


def _chosen_mode() -> ImportMode:
    return "update" if request.form.get("mode") == "update" else "new"
