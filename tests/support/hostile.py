"""What administrators may write that means something to somebody's syntax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from services.config_api.domain.setting_fields import make_draft
from services.config_api.rendering.sending import Sending, sending_of

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_SPECIAL = "'\"\\$`{}()[]<>|&;%#!=:,@~*?^- \u00a0\u00e9\u65e5\U0001f600\u2028\ufeff"
#: Values that were chosen to end a quotation, to expand, to be cut or to be read as something else.
HOSTILE = (
    "plain", " before", "behind ", "it's", 'a"b', "\\", "\\\\", "end\\", "$(id)", "`id`", "${HOME}",
    "$$", "\\${user.home}", "$\\{x}", "${a:${b}}", "%s %(x)d", "{{ 7*7 }}", "#!", "=:", "!x", "a=b",
    "; rm", "&& x", "\\n", "\\u0041", "\\x41", "日本語", "é", "😀", "\u2028", "\ufeff", "-n", "~",
    "*", "None", "'''", '"""', "}", "{", "} x = {", "a,b", "a b", "<x>", "{0}", "a: b", "$HOME",
)  # fmt: skip


def hostile_texts() -> SearchStrategy[str]:
    """Return texts that a field takes, none blank, full of what syntaxes are made of."""
    ordinary = st.characters(exclude_categories=("Cc", "Cs"))
    alphabet = st.one_of(st.sampled_from(_SPECIAL), ordinary)
    seen = st.one_of(st.sampled_from(HOSTILE), st.text(alphabet, min_size=1, max_size=40))
    return seen.filter(_is_seen)


def _is_seen(text: str) -> bool:
    return any(character.isprintable() and not character.isspace() for character in text)


def a_sending(**fields: Any) -> Sending:
    """Return what a setting with a password says; `auth` is merged, the rest replaced."""
    auth = {"method": "password", "user": "mailer", "password": "correct horse"}
    auth |= fields.pop("auth", {})
    given = {"host": "smtp.acme.example", "auth": auth} | fields
    return sending_of("acme", 3, make_draft(given).values)
