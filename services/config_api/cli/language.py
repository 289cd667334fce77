"""The words of the command line in English and Japanese.

The English words stand in the code and are the keys of `translations/ja.json`. A JSON file is read
in a millisecond; Babel's reader alone would take a third of what `--help` may take.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES: Final = ("en", "ja")
LOCALE_VARIABLES: Final = ("RELAYBOOK_LANG", "LC_ALL", "LC_MESSAGES", "LANG")

_current: ContextVar[str] = ContextVar("language", default="en")


def use(name: str) -> None:
    """Speak the language of a locale name such as `ja_JP.UTF-8`; English where it is not ours."""
    code = name[:2].lower()
    _current.set(code if code in LANGUAGES else "en")


def use_environment(environ: Mapping[str, str]) -> None:
    """Speak RELAYBOOK_LANG, otherwise the locale's language, as POSIX orders its variables."""
    use(next((found for name in LOCALE_VARIABLES if (found := environ.get(name))), "en"))


def current() -> str:
    """Return `en` or `ja`."""
    return _current.get()


def N_(text: str) -> str:  # noqa: N802 -- gettext's name for what is translated later
    """Mark a text that `tr` translates where it is shown."""
    return text


def tr(text: str, /, **facts: object) -> str:
    """Return a text in the language in use, with `{name}` filled from `facts`."""
    words = catalogue(current()).get(text, text)
    return words.format(**facts) if facts else words


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return the translations of one language by their English text; none for English."""
    if language == "en":
        return {}
    path = files("services.config_api.cli") / "translations" / f"{language}.json"
    return cast("dict[str, str]", json.loads(path.read_text(encoding="utf-8")))
