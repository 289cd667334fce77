"""Which forms of a value mean the same, so that sending another one changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from events.smtp_setting import SettingValues


def in_stored_form(values: SettingValues, before: SettingValues | None) -> SettingValues:
    """Return values whose host and TLS versions keep the stored form where they mean the same.

    A host typed in another case or width, or sent as the A-label that is answered, leaves the one
    that was typed; its Unicode form replaces a stored A-label. The order of TLS versions means
    nothing.
    """
    if before is None:
        return values
    typed, protocols = values.host_unicode, values.tls_protocols
    if values.host == before.host and (typed.isascii() or not before.host_unicode.isascii()):
        typed = before.host_unicode
    if set(protocols) == set(before.tls_protocols):
        protocols = before.tls_protocols
    return replace(values, host_unicode=typed, tls_protocols=protocols)
