"""Connection tests: ask for one, read it, stop it, hand it to a tester."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from flask import Response

from events.connection_test import Verdict
from services.config_api.domain.errors import InvalidSetting, SecretRequired
from services.config_api.formats.document import read_draft
from services.config_api.http.auth import current_caller
from services.config_api.http.bodies import JSON, json_fields, no_fields
from services.config_api.http.commands import (
    carried_out,
    json_response,
    query_context,
    refuse_unknown_parameters,
    rendered_warnings,
)
from services.config_api.http.current import relaybook
from services.config_api.http.examples import CONNECTION_TEST, TEST_PAGE
from services.config_api.http.failures import no_setting, no_test, wrong
from services.config_api.http.guard import require_sight, requires
from services.config_api.http.idempotency import Kind
from services.config_api.http.language import asked_language
from services.config_api.http.operation import Body, Good, Link, Operation
from services.config_api.http.problems import Problem
from services.config_api.http.query import (
    choice,
    cursor,
    limit,
    read_query,
    text,
)
from services.config_api.http.resources import CONNECTION_TESTS
from services.config_api.http.schemas.parameters import cursor_text, position_from
from services.config_api.http.schemas.requests import CLAIM, CONNECTION_TEST_REQUEST
from services.config_api.http.smtp_settings import next_link
from services.config_api.read_model.documents import localized_test
from services.config_api.read_model.queries import TestsQuery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.config_api.application.context import Answer, Context
    from services.config_api.domain.setting_fields import SettingDraft
    from services.config_api.read_model.queries import StoredTest

PATH = "/v1/connection-tests"
_DRAFT = "/draft"
_RULE = "/connection-tests/<test_id>"
_TEST = Good(status=200, description="The test.", schema="ConnectionTest", example=CONNECTION_TEST)
_ID_IN_ANSWER = {"path.test_id": "$response.body#/id"}

_REQUEST = Operation(
    method="POST",
    rule="/connection-tests",
    access=requires("operator"),
    good=[
        Good(
            status=202,
            description="The test that will run.",
            schema="ConnectionTest",
            headers=("Location",),
            example=CONNECTION_TEST,
            links=(
                Link(operation_id="read_connection_test", parameters=_ID_IN_ANSWER),
                Link(operation_id="cancel_connection_test", parameters=_ID_IN_ANSWER),
            ),
        )
    ],
    problems=("not-found", "secret-required", "too-many-requests"),
    body=Body(media_types=(JSON,), schema="ConnectionTestRequest", example={"setting_id": "acme"}),
)
_READ = Operation(
    method="GET", rule=_RULE, access=requires("reader"), good=[_TEST], problems=("not-found",)
)
_LIST = Operation(
    method="GET",
    rule="/connection-tests",
    access=requires("reader"),
    good=[
        Good(
            status=200,
            description="A page.",
            schema="ConnectionTestPage",
            headers=("Link",),
            example=TEST_PAGE,
        )
    ],
    query=(
        text("setting_id", "Only tests of this setting."),
        choice("verdict", "Only those that ended so.", *get_args(Verdict)),
        limit(),
        cursor(),
    ),
)
_CANCEL = Operation(
    method="POST",
    rule=f"{_RULE}/cancel",
    access=requires("operator"),
    good=[
        Good(
            status=202,
            description="The test, stopped.",
            schema="ConnectionTest",
            example=CONNECTION_TEST,
        )
    ],
    problems=("not-found",),
)
_CLAIM = Operation(
    method="POST",
    rule=f"{_RULE}/claim",
    access=requires("tester"),
    good=[
        Good(
            status=200,
            description="What the tester needs: the setting, its effective properties and the"
            " credential of this attempt. For the service's own tester only.",
            schema="ClaimedTest",
            example={"id": CONNECTION_TEST["id"], "attempt": 1},
        )
    ],
    problems=("not-found", "in-use"),
    body=Body(media_types=(JSON,), schema="Claim", example={"attempt": 1}),
    kind=Kind(secret=True),
)


@CONNECTION_TESTS.serve(_REQUEST)
def request_connection_test() -> Response:
    """Ask for a test of a stored setting or of a draft."""
    asked = json_fields(CONNECTION_TEST_REQUEST)
    setting_id = asked.get("setting_id")
    if setting_id is not None:
        require_sight(setting_id, no_setting(setting_id))
    elif current_caller().principal.tenants is not None:
        raise Problem("forbidden", "other_tenant")
    draft = _draft(asked.get("draft"))
    if setting_id is None and draft is None:
        raise wrong("/setting_id", "nothing_to_test")

    def request(ctx: Context) -> Answer:
        with _placed_in_draft():
            return relaybook().connection_tests.request(
                setting_id=setting_id,
                draft=draft,
                depth=asked["depth"],
                mail_from=asked.get("mail_from"),
                rcpt_to=asked.get("rcpt_to"),
                ctx=ctx,
            )

    return carried_out(request, _accepted)


@CONNECTION_TESTS.serve(_LIST)
def list_connection_tests() -> Response:
    """List the tests, newest first."""
    asked = read_query(_LIST.query)
    query = TestsQuery(
        setting_id=asked["setting_id"],
        verdict=asked["verdict"],
        tenants=current_caller().principal.tenants,
    )
    before = _position_in(asked["cursor"])
    page = relaybook().read_model.tests_page(query, before=before, limit=asked["limit"])
    following = None if page.next_position is None else cursor_text(str(page.next_position))
    items = [spoken(item.document) for item in page.items]
    response = json_response({"items": items, "next": following})
    if following is not None:
        response.headers["Link"] = next_link(following, asked)
    return response


@CONNECTION_TESTS.serve(_READ)
def read_connection_test(test_id: str) -> Response:
    """Read one test."""
    test = found_test(test_id)
    read_query(_READ.query)
    return json_response(spoken(test.document))


@CONNECTION_TESTS.serve(_CANCEL)
def cancel_connection_test(test_id: str) -> Response:
    """Stop a test; one that has ended stays as it is."""
    found_test(test_id)
    no_fields()
    tests = relaybook().connection_tests
    return carried_out(
        lambda ctx: tests.cancel(test_id, ctx),
        lambda answer: json_response(spoken(answer.document or {}), 202),
    )


@CONNECTION_TESTS.serve(_CLAIM)
def claim_connection_test(test_id: str) -> Response:
    """Hand one attempt of a test to the tester that asks."""
    found_test(test_id)
    attempt = json_fields(CLAIM)["attempt"]
    refuse_unknown_parameters()
    return json_response(relaybook().connection_tests.claim(test_id, attempt, query_context()))


def found_test(test_id: str) -> StoredTest:
    """Return a stored test; raises Problem `not-found` where it is not there for the caller."""
    test = relaybook().read_model.test(test_id)
    if test is None:
        raise no_test(test_id)
    require_sight(test.setting_id, no_test(test_id))
    return test


def spoken(document: dict[str, Any]) -> dict[str, Any]:
    """Return a test's document with its sentences, in the language that is asked for."""
    return localized_test(document, asked_language())


def _accepted(answer: Answer) -> Response:
    document = spoken(answer.document or {})
    document["warnings"] = [*document["warnings"], *rendered_warnings(answer)]
    response = json_response(document, 202)
    response.headers["Location"] = f"{PATH}/{document['id']}"
    return response


def _draft(document: object) -> SettingDraft | None:
    if document is None:
        return None
    if isinstance(document, dict) and "id" in document:
        raise wrong("/draft/id", "unknown_field")  # it is the setting_id beside the draft
    with _placed_in_draft():
        known = relaybook().oauth.stored.known()
        return read_draft(document, known_providers=known, at=relaybook().clock())


@contextmanager
def _placed_in_draft() -> Iterator[None]:
    """Name what is wrong with a draft by its place in the body that was sent."""
    try:
        yield
    except InvalidSetting as error:
        inside = tuple(replace(one, pointer=_DRAFT + one.pointer) for one in error.errors)
        raise InvalidSetting(inside) from error
    except SecretRequired as error:
        secrets = tuple(_DRAFT + pointer for pointer in error.secrets)
        raise SecretRequired(error.setting_id, error.fields, secrets) from error


def _position_in(place: str | None) -> int | None:
    try:
        return None if place is None else position_from(place)
    except ValueError as error:
        raise wrong("?cursor", "not_a_cursor") from error
