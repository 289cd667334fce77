"""The pages' words in the reader's language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Final, cast, get_args

from babel.messages.pofile import read_po
from flask import Flask, Request, g, request

from services.config_api.http.language import CHOSEN, Language, asked_language

LANGUAGES: Final = get_args(Language)
LANGUAGE_COOKIE: Final = "relaybook-language"


@cache
def _catalogue(language: Language) -> dict[str, str]:
    """Return the translations of one language by their English words."""
    if language == "en":
        return {}
    path = files("services.config_api.web") / "translations" / f"{language}.po"
    with path.open("rb") as stream:
        messages = read_po(stream, locale=language)
    return {str(message.id): str(message.string) for message in messages if message.string}


def choose_language(asked: Request) -> None:
    """Keep the reader's stored choice for all that is said in answer to a request."""
    chosen = asked.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        setattr(g, CHOSEN, chosen)


def language() -> Language:
    """Return the language of the request in hand."""
    if "choice" not in g:
        g.choice = True
        choose_language(request)
    return asked_language()


def translate(message: str) -> str:
    """Return a message in the language of the request in hand."""
    return _catalogue(language()).get(message, message)


def install(app: Flask) -> None:
    """Let the templates of an application use `{{ _("…") }}` and `{% trans %}`."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    # The extension adds the method to the environment, out of sight of its types.
    environment = cast("Any", app.jinja_env)
    environment.install_gettext_callables(translate, _translate_count, newstyle=True)


def _translate_count(one: str, many: str, count: int) -> str:
    return translate(one if count == 1 else many)
