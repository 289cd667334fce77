"""What the effective setting is as JSON, its own or Nodemailer's, and as another program's text."""

from __future__ import annotations

from services.config_api.http.schemas.shapes import FLAG, TEXT, Schema, closed, one_of, ref

_MILLISECONDS: Schema = {"type": "integer", "minimum": 1}
_AUTH = closed(
    {"type": one_of("OAuth2"), "user": TEXT, "pass": TEXT, "accessToken": TEXT},
    optional=("type", "pass", "accessToken"),
)
_TLS = closed(
    {"minVersion": TEXT, "maxVersion": TEXT, "ca": TEXT},
    optional=("minVersion", "maxVersion", "ca"),
)
_ALWAYS: dict[str, Schema] = {
    "host": TEXT,
    "port": {"type": "integer", "minimum": 1, "maximum": 65_535},
    "secure": FLAG,
}
_WHERE_WANTED: dict[str, Schema] = {
    "ignoreTLS": FLAG,
    "opportunisticTLS": FLAG,
    "requireTLS": FLAG,
    "auth": _AUTH,
    "authMethod": TEXT,
    "tls": _TLS,
    "connectionTimeout": _MILLISECONDS,
    "greetingTimeout": _MILLISECONDS,
    "socketTimeout": _MILLISECONDS,
    "name": TEXT,
    "localAddress": TEXT,
    "debug": FLAG,
    "logger": FLAG,
}

RENDERED: dict[str, Schema] = {
    "EffectiveOrRendered": {"anyOf": [ref("EffectiveSetting"), ref("NodemailerOptions")]},
    "NodemailerOptions": closed({**_ALWAYS, **_WHERE_WANTED}, optional=tuple(_WHERE_WANTED)),
    "RenderedText": TEXT,
}
