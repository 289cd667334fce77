from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.application.test_overdue import Shelf, overdue
from tests.integration.http.conftest import database_url, environ, operator, service
from tests.integration.zoo.application import REFUSED, WARNED
from tests.support.asking import register, request_test
from tests.support.relaybook import embedded_house

if TYPE_CHECKING:
    from tests.integration.http.asking import Asker
    from tests.support.relaybook import House

__all__ = ["database_url", "embedded_house", "environ", "operator", "service"]

TESTS = "/v1/connection-tests"
SETTINGS = "/v1/smtp-settings"


@pytest.mark.parametrize(("_title", "fields", "code", "fix"), REFUSED)
def test_a_draft_is_refused_with_its_code_and_fix(
    operator: Asker, _title: str, fields: dict[str, Any], code: str, fix: Any
) -> None:
    answer = operator("POST", TESTS, {"draft": fields})
    assert answer.status_code == 422
    (error,) = answer.get_json()["errors"]
    assert (error["code"], error["fix"]) == (code, fix)


@pytest.mark.parametrize(("_title", "fields", "code"), WARNED)
def test_a_setting_is_taken_with_its_warning(
    operator: Asker, _title: str, fields: dict[str, Any], code: str
) -> None:
    document = {"id": "acme", "host": "smtp.acme.example", "auth": {"method": "none"}} | fields
    answer = operator("POST", SETTINGS, document)
    assert answer.status_code == 201
    assert code in {warning["code"] for warning in answer.get_json()["warnings"]}


def test_a_test_that_nobody_takes_or_somebody_stops_ends(embedded_house: House) -> None:
    register(embedded_house)
    waiting, stopped = request_test(embedded_house), request_test(embedded_house)
    tests = embedded_house.relaybook.connection_tests
    tests.cancel(stopped, embedded_house.ctx())
    embedded_house.watch.forward(minutes=15)
    overdue(embedded_house).round(Shelf())
    documents = [embedded_house.relaybook.read_model.test(one) for one in (waiting, stopped)]
    codes = [document.document["code"] for document in documents if document is not None]
    assert codes == ["no_tester", "cancelled"]
