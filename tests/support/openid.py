"""An OpenID provider on loopback that keeps to the protocol until a test tells it not to."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID: Final = "relaybook"
CLIENT_SECRET: Final = "s3cret+with/signs=%"
CALLBACK: Final = "/sign-in/openid/callback"
#: Making one takes a while; no test needs it to be secret.
SIGNING_KEY: Final = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})

Answer = tuple[int, dict[str, str], bytes]


def signed(claims: dict[str, Any], key: Any = SIGNING_KEY, **header: Any) -> str:
    """Return an ID token; a header that is None is left out."""
    whole = {"alg": "RS256", "kid": "k1"} | header
    kept = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode(kept, claims, key, algorithms=[kept["alg"]])


@dataclass
class Granted:
    """What a code stands for."""

    redirect_uri: str
    challenge: str
    nonce: str


@dataclass
class Provider:
    """`claims`, `document`, `keys` and `sign` are what it says; a test changes them."""

    claims: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=lambda: [SIGNING_KEY.as_dict(private=False)])
    sign: Callable[[dict[str, Any]], str] = signed
    instead: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    codes: dict[str, Granted] = field(default_factory=dict)
    issuer: str = ""
    public: bool = False
    client_secret: str = CLIENT_SECRET

    def consent(self, url: str) -> dict[str, str]:
        """Let the person agree at the authorization URL; returns the callback's parameters."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert url.startswith(f"{self.issuer}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT_ID)
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"].endswith(CALLBACK)
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(8)
        self.codes[code] = Granted(asked["redirect_uri"], asked["code_challenge"], asked["nonce"])
        return {"code": code, "state": asked["state"]}

    def answer(self, path: str, form: dict[str, str], authorization: str) -> Answer:
        self.asked.append(path)
        if path in self.instead:
            return self.instead[path]()
        match path:
            case "/.well-known/openid-configuration":
                return answered(self._document())
            case "/jwks":
                return answered({"keys": self.keys})
            case "/token":
                return self._token(form, authorization)
            case _:
                return answered({"error": "not_found"}, 404)

    def _document(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "scopes_supported": ["openid", "profile", "email", "groups"],
        } | self.document

    def _token(self, form: dict[str, str], authorization: str) -> Answer:
        granted = self.codes.pop(form.get("code", ""), None)
        if not self._knows(form, authorization):
            return answered({"error": "invalid_client"}, 401)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if (
            granted is None
            or granted.challenge != challenge
            or granted.redirect_uri != form["redirect_uri"]
        ):
            return answered({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "248289761001",
            "iat": now,
            "exp": now + 300,
            "nonce": granted.nonce,
        } | self.claims
        said = {name: value for name, value in claims.items() if value is not None}
        return answered({"access_token": "a", "token_type": "Bearer", "id_token": self.sign(said)})

    def _knows(self, form: dict[str, str], authorization: str) -> bool:
        if self.public:
            return form.get("client_id") == CLIENT_ID and not authorization
        if "client_secret" in form:
            return (form["client_id"], form["client_secret"]) == (CLIENT_ID, self.client_secret)
        given = b64decode(authorization.removeprefix("Basic ")).decode()
        return [unquote_plus(part) for part in given.split(":")] == [CLIENT_ID, self.client_secret]


def answered(document: Any, status: int = 200) -> Answer:
    """Return an answer in JSON."""
    return status, {"Content-Type": "application/json"}, json.dumps(document).encode()


def query(parameters: dict[str, str]) -> str:
    """Return the callback with these parameters."""
    return f"{CALLBACK}?{urlencode(parameters)}"


class Served:
    """A provider that listens on loopback until it is closed."""

    def __init__(self) -> None:
        self.provider = Provider()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.provider.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self.provider

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._respond({})

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                self._respond(dict(parse_qsl(self.rfile.read(length).decode())))

            def _respond(self, form: dict[str, str]) -> None:
                authorization = self.headers.get("Authorization", "")
                status, headers, body = provider.answer(self.path, form, authorization)
                self.send_response(status)
                for name, value in (headers | {"Content-Length": str(len(body))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
