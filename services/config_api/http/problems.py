"""Problems (RFC 9457): what the API answers to a request that it does not carry out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from flask import Response

from services.config_api.formats.written import encoded_chunks
from services.config_api.http.language import asked_language
from services.config_api.http.problem_texts import PROBLEMS, reason_text, title_of
from services.config_api.http.trace import current_trace

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:relaybook:problem:"
#: How the place of something wrong begins where it is no JSON pointer.
PARAMETER = "?"
HEADER = "#"
_MEMBERS = {PARAMETER: "parameter", HEADER: "header"}
_MOST_NAMED = 5


class Problem(Exception):
    """A refusal with the slug of contract §4; `reason` and `facts` make its sentence.

    `detail` overrides that sentence where it was made elsewhere. `status` differs from the slug's
    own only where the contract gives it two. `members` stand beside the standard ones. `long` is
    the name of one more and what gives its JSON, in a language, piece by piece.
    """

    def __init__(  # noqa: PLR0913 -- the members of a problem
        self,
        slug: str,
        reason: str | None = None,
        *,
        facts: Mapping[str, object] | None = None,
        detail: str | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        members: Mapping[str, Any] | None = None,
        long: tuple[str, Callable[[str], Iterable[str]]] | None = None,
    ) -> None:
        super().__init__(f"{slug}: {reason or detail}")
        self.slug = slug
        self.status = status or PROBLEMS[slug][0]
        self.headers = dict(headers or {})
        self._reason = reason
        self._facts = dict(facts or {})
        self._detail = detail
        self._errors = list(errors)
        self._members = dict(members or {})
        self._long = long

    def document(self, language: str, trace_id: str) -> dict[str, Any]:
        """Return the body."""
        body: dict[str, Any] = {
            "type": TYPE_PREFIX + self.slug,
            "title": title_of(self.slug, language),
            "status": self.status,
            "detail": self.detail(language),
            "trace_id": trace_id,
        }
        if self._errors:
            body["errors"] = self._errors
        return body | self._members

    def texts(self, language: str, trace_id: str) -> Iterator[str] | None:
        """Return the body as JSON piece by piece where it has a long member, otherwise None."""
        if self._long is None:
            return None
        name, texts = self._long
        short = json.dumps(self.document(language, trace_id), ensure_ascii=False)[:-1]
        return chain([f'{short}, "{name}": '], texts(language), ["}"])

    def detail(self, language: str) -> str:
        """Return the sentence that says what is so."""
        if self._detail is not None:
            return self._detail
        return reason_text(self._reason or "internal", self._facts, language)


def problem_response(problem: Problem) -> Response:
    """Return a problem as the answer to the request at hand, in the language it asks for."""
    language = asked_language()
    trace_id = current_trace().trace_id
    texts = problem.texts(language, trace_id)
    body = (
        json.dumps(problem.document(language, trace_id), ensure_ascii=False)
        if texts is None
        else encoded_chunks(texts)
    )
    response = Response(body, status=problem.status, content_type=CONTENT_TYPE)
    response.headers.update(problem.headers)
    response.headers["Content-Language"] = language
    response.vary.add("Accept-Language")
    return response


def field_problem(place: str, code: str, detail: str) -> dict[str, Any]:
    """Return one member of `errors`.

    `place` is a JSON pointer into the body, or `?name` for a query parameter or `#Name` for a
    header: those are told by a member of their own, beside the pointer to nothing (RFC 6901: the
    whole body), for a pointer can name what stands in a document only.
    """
    member = _MEMBERS.get(place[:1])
    named = {"pointer": place} if member is None else {"pointer": "", member: place[1:]}
    return {**named, "code": code, "detail": detail}


def invalid(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Return `validation-failed` for wrong fields, query parameters or headers."""
    names = [name for error in errors[:_MOST_NAMED] if (name := _name(error))]
    if not names:
        return Problem("validation-failed", "invalid_body", errors=errors)
    facts = {"count": len(errors), "names": ", ".join(names)}
    return Problem("validation-failed", "invalid", facts=facts, errors=errors)


def _name(error: Mapping[str, Any]) -> str:
    named = error.get("parameter") or error.get("header") or error["pointer"]
    return str(named)
