"""OAuth providers: listed with their tokens, registered by preset or by hand, changed, deleted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import make_response, redirect, render_template, request, url_for

from services.config_api.domain.errors import DomainError
from services.config_api.domain.provider_fields import GRANTS
from services.config_api.domain.provider_presets import PRESETS
from services.config_api.formats.provider_document import read_provider
from services.config_api.http.auth import current_caller
from services.config_api.http.commands import query_context
from services.config_api.http.current import relaybook
from services.config_api.http.failures import no_provider, problem_of
from services.config_api.http.guard import requires
from services.config_api.http.oauth_providers import with_token_state
from services.config_api.http.problems import Problem
from services.config_api.web.flashes import tell
from services.config_api.web.pages.access_forms import refusal
from services.config_api.web.pages.frame import blueprint
from services.config_api.web.provider_form import (
    TypedProvider,
    new_provider,
    provider_document,
    provider_form,
    typed_provider,
)
from services.config_api.web.provider_words import grant_words, provider_fields, token_states

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from services.config_api.domain.provider_presets import PresetValues


@dataclass(frozen=True, kw_only=True, slots=True)
class _Form:
    """The form of a provider that is there (`stored`, as the API answers it) or is to be (None)."""

    typed: TypedProvider
    stored: dict[str, Any] | None = None


@blueprint.get("/oauth-providers")
@requires("operator")
def providers_list() -> str:
    """Show all providers, each with the state of its token and what it warns of."""
    stored = relaybook().oauth.stored.all()
    return render_template(
        "oauth_providers.html",
        items=[with_token_state(json.loads(one.document)) for one in stored],
        states=token_states(),
        grants=grant_words(),
        presets=PRESETS,
        may_change=_may_change(),
    )


@blueprint.get("/oauth-providers/new")
@requires("operator", whole=True)
def new_provider_page() -> Response:
    """Show the form of a new provider; `preset` says whose, `none` that all is typed by hand."""
    preset = request.args.get("preset", "")
    known = _preset(preset)
    grants = list(known.scopes) if known else list(GRANTS)
    return _page(_Form(typed=new_provider(preset if known else "", grants[0])))


@blueprint.post("/oauth-providers/new")
@requires("operator", whole=True)
def register_provider() -> BaseResponse:
    """Register a provider."""
    form = _Form(typed=typed_provider(request.form))
    typed_id = form.typed.texts["id"]
    document = ({"id": typed_id} if typed_id else {}) | _document(form)

    def register() -> str:
        provider_id, draft, _hosts = read_provider(document)
        providers = relaybook().oauth.providers
        providers.register(provider_id, draft, query_context(), as_admin=_is_admin())
        return provider_id

    return _done(form, register, "provider_registered")


@blueprint.get("/oauth-providers/<provider_id>")
@requires("operator")
def provider_page(provider_id: str) -> Response:
    """Show a provider and its form."""
    stored = _stored(provider_id)
    return _page(_Form(typed=provider_form(stored), stored=stored))


@blueprint.post("/oauth-providers/<provider_id>")
@requires("operator", whole=True)
def change_provider(provider_id: str) -> BaseResponse:
    """Change a provider in the version that its page showed."""
    form = _Form(typed=typed_provider(request.form), stored=_stored(provider_id))

    def replace() -> str:
        _id, draft, hosts_given = read_provider(_document(form), path_id=provider_id)
        relaybook().oauth.providers.replace(
            provider_id,
            draft,
            request.form.get("version", type=int) or 0,
            query_context(),
            as_admin=_is_admin(),
            keeps_hosts=not hosts_given,
        )
        return provider_id

    return _done(form, replace, "provider_updated")


@blueprint.post("/oauth-providers/<provider_id>/delete")
@requires("operator", whole=True)
def delete_provider(provider_id: str) -> BaseResponse:
    """Delete a provider that no setting names."""
    stored = _stored(provider_id)
    oauth = relaybook().oauth

    def delete() -> None:
        version = request.form.get("version", type=int) or 0
        oauth.providers.delete(provider_id, version, query_context())
        oauth.tokens.forget(provider_id)

    return _done(_Form(typed=provider_form(stored), stored=stored), delete, "provider_deleted")


@blueprint.post("/oauth-providers/<provider_id>/authorize")
@requires("operator", whole=True)
def authorize_provider(provider_id: str) -> BaseResponse:
    """Lead to where a person consents."""
    _stored(provider_id)
    return redirect(relaybook().oauth.consents.begin(provider_id, query_context()), 303)


def _done(form: _Form, act: Callable[[], str | None], word: str) -> BaseResponse:
    """Act and lead to what was changed, or to the list; where that is refused, show the form."""
    try:
        provider_id = act()
    except (DomainError, Problem) as error:
        problem = problem_of(error)
        if problem is None:
            raise
        return _page(form, problem)
    name = provider_id or (form.stored or {}).get("id", "")
    address = url_for("web.providers_list")
    if provider_id is not None:
        address = url_for("web.provider_page", provider_id=provider_id)
    response = redirect(address)
    tell(response, word, name)
    return response


def _document(form: _Form) -> dict[str, Any]:
    return provider_document(form.typed, with_hosts=_is_admin())


def _page(form: _Form, problem: Problem | None = None) -> Response:
    known = _preset(form.typed.texts["preset"])
    grants = grant_words()
    html = render_template(
        "oauth_provider.html",
        form=form,
        texts=form.typed.texts,
        stored=None if form.stored is None else with_token_state(form.stored),
        names=provider_fields(),
        grants={name: grants[name] for name in (known.scopes if known else GRANTS)},
        preset=known,
        states=token_states(),
        used_by=relaybook().oauth.stored.used_by(form.stored["id"]) if form.stored else [],
        redirect_uri=relaybook().oauth.consents.redirect_uri,
        is_admin=_is_admin(),
        may_change=_may_change(),
        **refusal(problem, provider_fields()),
    )
    return make_response(html, problem.status if problem else 200)


def _preset(name: str) -> PresetValues | None:
    return next((values for known, values in PRESETS.items() if known == name), None)


def _stored(provider_id: str) -> dict[str, Any]:
    found = relaybook().oauth.stored.by_id(provider_id)
    if found is None:
        raise no_provider(provider_id)
    document: dict[str, Any] = json.loads(found.document)
    return document


def _is_admin() -> bool:
    return current_caller().principal.may("admin")


def _may_change() -> bool:
    principal = current_caller().principal
    return principal.may("operator") and principal.tenants is None
