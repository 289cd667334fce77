"""Plants secrets by files that come in and go out."""

from __future__ import annotations

import csv
import io
import json
from html import escape
from typing import TYPE_CHECKING, Any, Final

from services.config_api.domain.secret import Secret
from services.config_api.formats.age import sealed
from tests.integration.security.canaries import USER
from tests.integration.security.doors import PROPERTY, SETTINGS, setting, told

if TYPE_CHECKING:
    import httpx

    from tests.integration.security.swept_house import House

IMPORTS: Final = "/v1/imports"
EXPORTS: Final = "/v1/exports"
TOKENS: Final = "/v1/tokens"
_FILE: Final = {"Content-Type": "application/octet-stream"}


def through_imports(house: House) -> None:
    """Import a file of each format, sealed ones too, and files that are refused."""
    new, port = house.canaries.new, house.welcoming.port
    files = {
        "json": _json_file("json", setting(port, new("json import: password"))),
        "yaml": _json_file("yaml", setting(port, new("yaml import: password"))),
        "csv": _csv_file("csv", port, new("csv import: password")),
        "javamail": _javamail_file(
            "xml", port, new("javamail import: password"), new("javamail import: property")
        ),
    }
    with house.client() as client:
        for name, content in files.items():
            for dry, status in (("true", 200), ("false", 201)):
                query = {"mode": "new", "format": name, "dry_run": dry}
                headers = _FILE | {"Idempotency-Key": f"{name}-{dry}"}
                answer = client.post(IMPORTS, params=query, content=content, headers=headers)
                told(answer, status)
        _through_sealed_files(house, client)
        _through_broken_files(house, client)


def _through_sealed_files(house: House, client: httpx.Client) -> None:
    new = house.canaries.new
    phrase = new("import passphrase", kind="ascii")
    password = new("sealed import: password")
    content = _json_file("sealed", setting(house.welcoming.port, password))
    closed = b"".join(sealed([content], Secret(phrase)))
    for given, status in ((phrase, 201), (new("wrong passphrase", kind="ascii"), 422)):
        headers = {"Content-Type": "application/age", "Relaybook-Passphrase": given}
        query = {"mode": "new", "format": "json"}
        told(client.post(IMPORTS, params=query, content=closed, headers=headers), status)


def _through_broken_files(house: House, client: httpx.Client) -> None:
    new, port = house.canaries.new, house.welcoming.port
    shifted = _csv_file("shifted", port, "x", new("csv in the wrong column: password"))
    torn = _javamail_file("broken", port, new("broken XML: password"), "x")[:-30]
    bad = _json_file("bad", setting(port, new("invalid import: password"), security="?"))
    alias = b"a: &x " + new("broken YAML: password").encode() + b"\nb: *x"
    for name, content, status in (
        ("csv", shifted, 422),
        ("javamail", torn, 400),
        ("json", bad, 422),
        ("json", bad[:-1] + b",}", 400),
        ("yaml", alias, 400),
    ):
        query = {"mode": "new", "format": name}
        told(client.post(IMPORTS, params=query, content=content, headers=_FILE), status)


def through_exports(house: House) -> None:
    """Export in each format, and sealed, by a new token that is shown once and once again."""
    phrase = house.canaries.new("export passphrase")
    sealed_one = {"ids": None, "format": "json", "secrets": "sealed", "passphrase": phrase}
    asked = {"name": "k", "roles": ["credentials", "operator"]}
    with house.client() as client:
        for name in ("json", "yaml", "csv", "javamail"):
            export = {"ids": None, "format": name, "secrets": "none"}
            told(client.post(EXPORTS, json=export), 200)
        told(client.post(EXPORTS, json=sealed_one), 403)
        made, again = (
            told(client.post(TOKENS, json=asked, headers={"Idempotency-Key": "k"}), 201).json()
            for _ in range(2)
        )
        assert made == again
        house.canaries.add("new token", made["token"].encode())
        told(client.get(TOKENS), 200)
    with house.client(made["token"]) as client:
        told(client.post(EXPORTS, json=sealed_one), 200)
        told(client.get(f"{SETTINGS}/acme/credentials"), 200)


def _json_file(tenant: str, fields: dict[str, Any]) -> bytes:
    return json.dumps({"relaybook": 1, "settings": [{"id": tenant, **fields}]}).encode()


def _csv_file(tenant: str, port: int, password: str, security: str = "none") -> bytes:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["id", "host", "port", "security", "auth.method", "auth.user", "auth.password"])
    rows.writerow([tenant, "127.0.0.1", port, security, "password", USER, password])
    return text.getvalue().encode()


def _javamail_file(tenant: str, port: int, password: str, value: str) -> bytes:
    namespace = "http://intra-mart.co.jp/system/mail/javamail/config/javamail-config"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><javamail-config xmlns="{namespace}"><smtp>'
        f'<smtp-server id="{tenant}" host="127.0.0.1" port="{port}">'
        f'<smtps enable="false" starttls="false"/><auth enable="true"><user>{USER}</user>'
        f"<password>{escape(password)}</password></auth><session-properties>"
        f'<session-property name="{PROPERTY}" value="{escape(value)}"/></session-properties>'
        f"</smtp-server></smtp></javamail-config>"
    ).encode()
