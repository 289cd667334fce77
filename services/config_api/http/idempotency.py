"""Idempotency keys: a command that is sent again has one effect and gets the first answer.

The first answer is kept in the command's own transaction, so that it is there if and only if the
events are; a refusal is kept in a transaction of its own. What shows a secret is sealed by the
vault and the row keeps a reference only: the database alone gives no secret away.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, NoReturn

from flask import Response, current_app, g, request

from events.envelope import new_id
from events.smtp_setting import SecretRef
from events.store.port import RowExists
from services.config_api.application.idempotency import (
    PACKED_HEADER,
    SEALED_HEADER,
    AnswerKey,
    KeptAnswer,
    packed,
    unpacked,
)
from services.config_api.domain.secret import Secret
from services.config_api.http.auth import current_caller
from services.config_api.http.bodies import body_sha256, file_body, require_size
from services.config_api.http.current import relaybook
from services.config_api.http.failures import problem_of, wrong
from services.config_api.http.problems import Problem, problem_response
from services.config_api.read_model.operational_tables import idempotent_answers
from services.config_api.read_model.writing import write_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from events.store.port import RowWrite

HEADER = "Idempotency-Key"
PASSPHRASE_HEADER = "Relaybook-Passphrase"  # noqa: S105 -- the name of a header
RUNNING = "relaybook-running-keys"
#: No tenant's ID begins so, hence no secret of a setting.
SEALED_PREFIX = "~answer/"
REPLAYED_HEADER = "Idempotent-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT = ("Content-Type", "Content-Language", "ETag", "Location", "Cache-Control", "Allow")
_FINGERPRINTED = ("If-Match", "If-None-Match", PASSPHRASE_HEADER)
_TRIES = 3
_FIRST_SERVER_ERROR = 500
_NEVER_KEPT = frozenset({401, 403, 413, 429})


@dataclass(frozen=True, slots=True)
class RunningKeys:
    """The keys whose requests this process is working on."""

    _keys: set[AnswerKey] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def take(self, key: AnswerKey) -> bool:
        """Mark a key as running; False where it is already."""
        with self._lock:
            if key in self._keys:
                return False
            self._keys.add(key)
            return True

    def leave(self, key: AnswerKey) -> None:
        """Mark a key as done."""
        with self._lock:
            self._keys.discard(key)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """What a route's answers and bodies are like.

    `secret`: an answer shows one; `file`: the body is one; `unkept`: no answer is kept.
    """

    secret: bool = False
    file: bool = False
    unkept: bool = False


@dataclass(kw_only=True, slots=True)
class Keeping:
    """What will be kept of the request at hand; `kept` once a transaction holds the answer."""

    key: AnswerKey
    fingerprint: str
    secret: bool
    kept: bool = False

    def rows(self, response: Response, at: datetime) -> Sequence[RowWrite]:
        """Return the rows that keep an answer; the body of one that shows a secret is sealed."""
        service = relaybook()
        body: bytes | None
        headers = {name: response.headers[name] for name in _KEPT if name in response.headers}
        if response.is_streamed:
            whole = packed(response.iter_encoded())
            response.response, body = unpacked(whole), whole
            headers |= {PACKED_HEADER: "true"}
        else:
            body = response.get_data() or None
        sealed: Sequence[RowWrite] = ()
        if self.secret and body is not None:
            ref = SecretRef(id=SEALED_PREFIX + new_id(), version=1)
            sealed = service.vault.seal(None, ref, Secret(body.decode()))
            headers, body = headers | {SEALED_HEADER: ref.id}, None
        answer = KeptAnswer(
            request_sha256=self.fingerprint,
            status=response.status_code,
            headers=headers,
            body=body,
        )
        return (*sealed, *service.answers.rows(self.key, answer, at))


def keeping() -> Keeping | None:
    """Return what will be kept of the request at hand, None where it came without a key.

    Asked right before its command; raises Problem where the request cannot be kept.
    """
    refusal: Problem | None = g.get("refusal")
    if refusal is not None:
        raise refusal
    found: Keeping | None = g.get("keeping")
    return found


def once(run: Callable[[], Response], kind: Kind) -> Response:
    """Run a command, or return what was answered when its key was sent before; raises Problem."""
    text = request.headers.get(HEADER)
    if text is None or kind.unkept:
        return run()
    if not _KEY.fullmatch(text):
        return _refused_in_turn(wrong(f"#{HEADER}", "not_a_key"), run)
    try:
        fingerprint = _fingerprint(kind)
    except Problem as too_large:
        return _refused_in_turn(too_large, run)
    actor = current_caller().principal.actor
    key = AnswerKey(principal=actor, method=request.method, path=request.path, key=text)
    running: RunningKeys = current_app.extensions[RUNNING]
    if not running.take(key):
        raise Problem("idempotency-conflict", "key_running")
    try:
        this = Keeping(key=key, fingerprint=fingerprint, secret=kind.secret)
        return _first_or_kept(this, run)
    finally:
        running.leave(key)


def _refused_in_turn(refusal: Problem, run: Callable[[], Response]) -> NoReturn:
    """Refuse a request where its command would begin: what is checked before is told first."""
    g.refusal = refusal
    run()
    raise refusal


def _first_or_kept(this: Keeping, run: Callable[[], Response]) -> Response:
    service = relaybook()
    for _ in range(_TRIES):
        kept = service.answers.find(this.key, service.clock())
        if kept is not None:
            return _replayed(kept, this)
        g.keeping = this
        try:
            return _run_and_keep(this, run)
        except RowExists as error:
            if error.table != idempotent_answers.name:
                raise
            service.answers.forget_old(service.clock())  # or it has just grown too old
    raise Problem("idempotency-conflict", "key_running")


def _run_and_keep(this: Keeping, run: Callable[[], Response]) -> Response:
    """Run the command; what its own transaction does not keep is kept in one of its own."""
    try:
        response = run()
    except RowExists:
        raise
    except Exception as error:
        problem = problem_of(error)
        if problem is None:
            raise
        response = problem_response(problem)
    if not this.kept and _is_kept(response.status_code):
        service = relaybook()
        write_rows(service.engine, this.rows(response, service.clock()))
    return response


def _is_kept(status: int) -> bool:
    return status < _FIRST_SERVER_ERROR and status not in _NEVER_KEPT


def _replayed(kept: KeptAnswer, this: Keeping) -> Response:
    if not hmac.compare_digest(kept.request_sha256, this.fingerprint):
        raise Problem("idempotency-conflict", "key_reused", status=422)
    headers = dict(kept.headers)
    sealed = headers.pop(SEALED_HEADER, None)
    body: bytes | Iterator[bytes] | None = kept.body
    if sealed is not None:
        ref = SecretRef(id=sealed, version=1)
        body = relaybook().vault.open(None, ref).reveal().encode()
    elif headers.pop(PACKED_HEADER, None) is not None:
        body = unpacked(kept.body or b"")
    response = Response(body, status=kept.status)
    response.headers.pop("Content-Type", None)
    response.headers.update(headers)
    response.headers[REPLAYED_HEADER] = "true"
    return response


def _fingerprint(kind: Kind) -> str:
    """Return what tells one request from another under the same key.

    It is keyed with the caller's own credential, which is stored nowhere: a plain hash of a body
    that holds a password would let whoever reads the database try passwords against it.
    """
    require_size()
    if kind.file:
        file_body()
    session = current_caller().session
    credential = request.headers.get("Authorization", "") if session is None else session.csrf_token
    told_beside = (request.headers.get(name, "").encode() for name in _FINGERPRINTED)
    parts = (request.query_string, *told_beside, body_sha256())
    told = b"".join(hashlib.sha256(part).digest() for part in parts)
    return hmac.new(credential.encode(), told, hashlib.sha256).hexdigest()
