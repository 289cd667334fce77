"""A setting as one `smtp-server` of a `javamail-config.xml`, in the platform's own shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from events.smtp_setting import PASSWORD, SettingValues
from services.config_api.domain.auth_fields import FIELD as AUTH
from services.config_api.domain.field_errors import pointer_to
from services.config_api.domain.secret import Secret
from services.config_api.formats.port import WrittenSetting

_NAMESPACE: Final = "http://intra-mart.co.jp/system/mail/javamail/config/javamail-config"
HEAD: Final = f"""<?xml version="1.0" encoding="UTF-8"?>
<javamail-config xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns="{_NAMESPACE}"
    xsi:schemaLocation="{_NAMESPACE} ../../schema/javamail-config.xsd ">
  <smtp>
"""
TAIL: Final = "  </smtp>\n</javamail-config>\n"
#: A processing instruction, which the platform's reader passes over: Java knows no Unicode hosts.
TYPED_HOST: Final = "relaybook-host"
_NO_LIMIT: Final = -1


def lost_fields(values: SettingValues) -> tuple[str, ...]:
    """Return the pointers of what the file has no place for, in document order."""
    lost = {
        pointer_to("ca_pem"): values.ca_pem,
        pointer_to(AUTH, "mechanism"): values.auth.mechanism,
        pointer_to(AUTH, "provider_id"): None if _has_place(values) else values.auth.provider_id,
    }
    return tuple(pointer for pointer, value in lost.items() if value is not None)


def _has_place(values: SettingValues) -> bool:
    """Tell whether a provider can be named: beside a password it would say `access_token`."""
    return values.auth.method != "password"


def server_element(setting: WrittenSetting) -> str:
    """Return the element, indented and with a line break behind it."""
    return "".join(f"    {line}\n" for line in _lines(setting))


def _lines(setting: WrittenSetting) -> Iterator[str]:
    values = setting.values
    named = f"id={_attribute(setting.setting_id)} host={_attribute(values.host)}"
    yield f'<smtp-server {named} port="{values.port}">'
    if values.host_unicode != values.host:
        yield f"  <?{TYPED_HOST} {values.host_unicode}?>"
    yield from _smtps(values)
    yield from _auth(values, setting.secrets.get(PASSWORD))
    yield f"  {_element('x-mailer', values.x_mailer)}"
    yield f"  <debug>{_flag(values.debug)}</debug>"
    yield f"  <connection-timeout>{_timeout(values.connection_timeout_ms)}</connection-timeout>"
    yield f"  <timeout>{_timeout(values.timeout_ms)}</timeout>"
    yield from _properties(setting)
    yield "</smtp-server>"


def _smtps(values: SettingValues) -> Iterator[str]:
    enable = _flag(values.security != "none")
    starttls = _flag(values.security == "starttls")
    tag = f'smtps enable="{enable}" starttls="{starttls}"'
    if not values.tls_protocols:
        yield f"  <{tag}/>"
        return
    yield f"  <{tag}>"
    yield "    <protocols>"
    for protocol in values.tls_protocols:
        yield f"      {_element('protocol', protocol)}"
    yield "    </protocols>"
    yield "  </smtps>"


def _auth(values: SettingValues, password: Secret | None) -> Iterator[str]:
    auth = values.auth
    provider = auth.provider_id if _has_place(values) else None
    yield f'  <auth enable="{_flag(auth.method != "none")}">'
    yield f"    {_element('user', auth.user)}"
    yield f"    {_element('password', password.reveal() if password else None)}"
    yield f"    {_element('system-oauth-provider-id', provider)}"
    yield "  </auth>"


def _properties(setting: WrittenSetting) -> Iterator[str]:
    secrets = {name: one.reveal() for name, one in setting.secrets.items() if name != PASSWORD}
    properties = setting.values.session_properties | secrets
    if not properties:
        return
    yield "  <session-properties>"
    for name, value in properties.items():
        yield f"    <session-property name={_attribute(name)} value={_attribute(value)}/>"
    yield "  </session-properties>"


def _element(name: str, text: str | None) -> str:
    """Return an element; blanks at the ends of a text are kept by a CDATA section."""
    if not text:
        return f"<{name}/>"
    if text == text.strip():
        return f"<{name}>{escape(text)}</{name}>"
    whole = text.replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{whole}]]></{name}>"


def _attribute(text: str) -> str:
    return f'"{escape(text, {chr(34): "&quot;"})}"'


def _flag(flag: bool) -> str:  # noqa: FBT001 -- the value that is written
    return "true" if flag else "false"


def _timeout(milliseconds: int | None) -> int:
    return _NO_LIMIT if milliseconds is None else milliseconds
