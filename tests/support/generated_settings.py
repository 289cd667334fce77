"""Generated settings that keep the rules of contract §3, as drafts with their secrets."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from services.config_api.domain.errors import InvalidSetting
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_fields import SECURITIES, TLS_PROTOCOLS, make_draft
from services.config_api.formats.port import WrittenSetting
from tests.support.settings import a_certificate

#: What formats may trip over: formulas, quotes, markup, words of YAML, blanks, other scripts.
ODD_TEXTS = (
    "=1+1", "'=1", "''+x", "@x", "-x", "'", '"', ",", ";", "a,b", 'a"b', "]]>", "<&>", "&#1;",
    "no", "on", "yes", "012", "1:20", "null", "~", "true", "1e3", ".nan", "0x1f", "- a", "a: b",
    "# c", "*a", "&a", "!t", "{", "[", "|", ">", "%", "`", "\\", "\\u0041", "\\n", "${x}",
    "経理部メール", "ﾒｰﾙ", "😀", "e\u0301", "\u3000x", " x ", "x\u00a0", "\u2028x", "x\ufeff",
    "\u200b", "\uff1dx", "\uff21", "null ", "'null",
)  # fmt: skip
HOSTS = (
    "smtp.acme.example", "SMTP.Acme.Example", "メール.example", "faß.example", "192.0.2.7",
    "2001:db8::1", "xn--4dkua4c.example", "localhost", "a_b.example",
)  # fmt: skip
_CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
TEXTS = st.sampled_from(ODD_TEXTS) | st.text(_CHARACTERS, min_size=1, max_size=40)
#: A text of blanks only is none where one is needed.
_NEEDED = TEXTS.filter(str.strip)
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", fullmatch=True)
_NAMES = st.sampled_from(
    ["mail.smtp.localhost", "mail.smtp.writetimeout", "mail.debug", "mail.x-y.Z"]
) | st.from_regex(r"mail\.[A-Za-z0-9.-]{1,20}", fullmatch=True).filter(
    lambda name: not name.lower().endswith("password")
)
_SECRET_NAMES = st.sampled_from(["mail.smtp.proxy.password", "mail.PASSWORD"])
_TIMEOUTS = st.none() | st.integers(1, 600_000)


@st.composite
def _auths(draw: st.DrawFn) -> dict[str, Any]:
    method = draw(st.sampled_from(["none", "password", "access_token"]))
    needed = method != "none"
    auth: dict[str, Any] = {
        "method": method,
        "user": draw(_NEEDED if needed else st.none() | TEXTS),
        "provider_id": draw(_NEEDED if method == "access_token" else st.none() | TEXTS),
    }
    if method == "password":
        auth["mechanism"] = draw(st.sampled_from([None, "PLAIN", "CRAM-MD5", "SCRAM-SHA-256"]))
        if draw(st.booleans()):
            auth["password"] = Secret(draw(TEXTS | st.just(" ")))
    return auth


@st.composite
def _fields(draw: st.DrawFn) -> dict[str, Any]:
    properties: dict[str, str | Secret] = {}
    properties |= draw(st.dictionaries(_NAMES, TEXTS | st.just(""), max_size=3))
    properties |= draw(st.dictionaries(_SECRET_NAMES, TEXTS.map(Secret), max_size=1))
    return {
        "host": draw(st.sampled_from(HOSTS)),
        "port": draw(st.integers(1, 65_535)),
        "security": draw(st.sampled_from(SECURITIES)),
        "tls_protocols": draw(st.lists(st.sampled_from(TLS_PROTOCOLS), unique=True)),
        "ca_pem": draw(
            st.sampled_from([None, a_certificate(), "# メモ\r\n" + a_certificate() * 2])
        ),
        "auth": draw(_auths()),
        "x_mailer": draw(st.none() | TEXTS),
        "debug": draw(st.booleans()),
        "connection_timeout_ms": draw(_TIMEOUTS),
        "timeout_ms": draw(_TIMEOUTS),
        "session_properties": properties,
    }


@st.composite
def written_settings(draw: st.DrawFn) -> WrittenSetting:
    """A setting as it goes into a file, all of its secrets with it."""
    fields = draw(_fields())
    try:
        draft = make_draft(fields)
    except InvalidSetting as invalid:
        refused = {error.code for error in invalid.errors}
        assert refused <= {"masked_password", "required"}, refused
        draft = make_draft(fields | {"auth": {}, "session_properties": {}})
    secrets = {name: secret for name, secret in draft.secrets.items() if secret is not None}
    return WrittenSetting(setting_id=draw(IDS), values=draft.values, secrets=secrets)
