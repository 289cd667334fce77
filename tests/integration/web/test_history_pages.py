"""What pages of the past say: history, comparison, restoration, lists of a moment, events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from events.catalogue import CATALOGUE
from tests.integration.web.in_process import SETTING, a_service, said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.http.asking import Asker, Service

WITHOUT_MATCH = {"If-Match": "*"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Service]:
    """Settings with a past: `acme` changed twice, `gone` deleted, `globex` of somebody else."""
    with a_service(tmp_path_factory.mktemp("pages"), sqlite_template) as service:
        ask = service.asker("admin")
        ask("POST", "/v1/smtp-settings", SETTING)
        service.watch.forward(hours=1)
        other = {"port": 465, "security": "implicit_tls", "auth": {"password": "battery staple"}}
        ask("PATCH", "/v1/smtp-settings/acme", other, headers=WITHOUT_MATCH)
        service.watch.forward(hours=1)
        ask("PATCH", "/v1/smtp-settings/acme", {"x_mailer": "Accel"}, headers=WITHOUT_MATCH)
        for name in ("gone", "globex"):
            ask("POST", "/v1/smtp-settings", SETTING | {"id": name})
        ask("DELETE", "/v1/smtp-settings/gone", headers=WITHOUT_MATCH)
        yield service


@pytest.fixture(scope="module")
def ask(service: Service) -> Asker:
    return service.asker("admin")


def test_the_history_tells_each_change_by_the_fields_labels_and_secrets_by_version(
    ask: Asker,
) -> None:
    text = said(ask("GET", "/settings/acme/history"))
    assert "Port 587 465" in text
    assert "Security TLS/STARTTLS SSL/TLS from the start" in text
    assert "Password secret, version 1 secret, version 2" in text
    assert "correct horse" not in text
    assert text.index("X-Mailer header") < text.index("Port 587") < text.index("Registered")


def test_the_history_speaks_japanese(ask: Asker) -> None:
    text = said(ask("GET", "/settings/acme/history", headers={"Accept-Language": "ja"}))
    assert "変更履歴" in text
    assert "ポート 587 465" in text


def test_a_long_history_has_pages(service: Service, ask: Asker) -> None:
    ask("POST", "/v1/smtp-settings", SETTING | {"id": "long"})
    for number in range(30):
        ask("PATCH", "/v1/smtp-settings/long", {"x_mailer": f"M{number}"}, headers=WITHOUT_MATCH)
    first = ask("GET", "/settings/long/history")
    assert 'href="/settings/long/history?before=7"' in first.get_data(as_text=True)
    last = said(ask("GET", "/settings/long/history?before=7"))
    assert "Registered" in last
    assert "v7 " not in last
    assert "First page" in last


def test_any_two_versions_are_compared_in_both_views(ask: Asker) -> None:
    for view in ("sides", "unified"):
        text = said(ask("GET", f"/settings/acme/compare?from=1&to=3&view={view}"))
        assert "587" in text
        assert "465" in text
        assert "Accel" in text
    assert "say the same" in said(ask("GET", "/settings/acme/compare?from=2&to=2"))


def test_a_restoration_is_confirmed_and_is_a_new_version(service: Service, ask: Asker) -> None:
    ask("POST", "/v1/smtp-settings", SETTING | {"id": "back"})
    ask("PATCH", "/v1/smtp-settings/back", {"x_mailer": "Accel"}, headers=WITHOUT_MATCH)
    asked = said(ask("GET", "/settings/back/restore?version=1"))
    assert "Restore version 1?" in asked
    assert "X-Mailer header Accel –" in asked
    done = ask("POST", "/settings/back/restore", data={"version": "1", "expected": "2"})
    assert done.status_code == 302
    found = ask("GET", "/v1/smtp-settings/back").get_json()
    assert (found["version"], found["x_mailer"]) == (3, None)


def test_a_restoration_over_a_newer_version_is_refused(service: Service, ask: Asker) -> None:
    form = {"version": "1", "expected": "1"}
    text = said(ask("POST", "/settings/acme/restore", data=form), 412)
    assert "Yes, restore" in text
    assert ask("GET", "/v1/smtp-settings/acme").get_json()["version"] == 3


def test_a_deleted_setting_comes_back(service: Service, ask: Asker) -> None:
    assert "This setting is deleted." in said(ask("GET", "/settings/gone/history"))
    page = ask("GET", "/settings/gone/restore?version=1").get_data(as_text=True)
    assert 'name="expected"' not in page
    assert ask("POST", "/settings/gone/restore", data={"version": "1"}).status_code == 302
    assert ask("GET", "/v1/smtp-settings/gone").get_json()["secret"] == "stored"
    ask("DELETE", "/v1/smtp-settings/gone", headers=WITHOUT_MATCH)


def test_a_password_that_is_not_held_any_more_is_asked_for(service: Service, ask: Asker) -> None:
    without_password = {"method": "password", "user": "mailer"}
    file = {"relaybook": 1, "settings": [{**SETTING, "id": "lost", "auth": without_password}]}
    ask("POST", "/v1/imports?mode=new", file)
    text = said(ask("GET", "/settings/lost/restore?version=1"))
    assert "not held any more" in text
    ask("PATCH", "/v1/smtp-settings/lost", {"port": 25}, headers=WITHOUT_MATCH)
    form = {"version": "1", "expected": "2"}
    refused = ask("POST", "/settings/lost/restore", data=form)
    assert 'id="password-error"' in refused.get_data(as_text=True)
    assert refused.status_code == 422
    without = form | {"auth.remove_password": "yes"}
    assert ask("POST", "/settings/lost/restore", data=without).status_code == 302
    assert ask("GET", "/v1/smtp-settings/lost").get_json()["port"] == 587


def test_a_version_without_values_has_no_restoration(ask: Asker) -> None:
    assert ask("GET", "/settings/gone/restore?version=99").status_code == 422
    text = said(ask("GET", "/settings/gone/restore?version=2"))
    assert "Yes, restore" not in text


def test_the_list_of_a_moment_shows_what_was_in_force(ask: Asker) -> None:
    text = said(ask("GET", "/as-of?at=2026-01-31T12:30:00Z"))
    assert "You are looking at the past." in text
    assert "acme v1 smtp.acme.example 587" in text
    assert "globex" not in text
    later = said(ask("GET", "/as-of?at=2026-01-31T13:30:00Z"))
    assert "acme v2 smtp.acme.example 465" in later
    assert "There were no settings yet." in said(ask("GET", "/as-of?at=0"))


def test_a_time_is_the_viewers_and_becomes_utc_in_the_address(ask: Asker) -> None:
    headers = {"Cookie": "relaybook-zone=Asia/Tokyo", "Authorization": f"Bearer {ask.token}"}
    client = ask.app.test_client(use_cookies=False)
    led = client.get("/as-of?time=2026-01-31T21:30&position=&q=", headers=headers)
    assert led.status_code == 302
    assert led.headers["Location"] == "/as-of?at=2026-01-31T12:30:00Z"


def test_of_time_and_position_the_one_that_was_changed_counts(ask: Asker) -> None:
    shown = {"at": "2026-01-31T12:30:00Z", "shown.time": "2026-01-31T12:30", "q": "acme"}
    query = shown | {"time": "2026-01-31T12:30", "shown.position": "", "position": "7"}
    led = ask("GET", "/as-of", query_string=query).headers["Location"]
    assert led == "/as-of?at=7&q=acme"
    same = ask("GET", "/as-of", query_string=query | {"position": ""})
    assert "acme v1" in said(same)


def test_what_is_no_moment_is_refused(ask: Asker) -> None:
    for wrong in ("yesterday", "-1", "0001-01-01T00:00:00+14:00"):
        assert "neither" in said(ask("GET", "/as-of", query_string={"at": wrong}), 422)


def test_a_setting_of_a_moment_is_read_only(ask: Asker) -> None:
    page = ask("GET", "/as-of/acme?at=2026-01-31T12:30:00Z")
    text = said(page)
    assert "Port 587" in text
    assert "read-only" in text
    assert "<input" not in page.get_data(as_text=True).partition("<main")[2]
    assert ask("GET", "/as-of/globex?at=1").status_code == 404


def test_events_are_found_by_each_filter_newest_first(service: Service, ask: Asker) -> None:
    def found(**filters: object) -> str:
        return said(service.asker("auditor")("GET", "/events", query_string=filters))

    text = found(type="smtp_setting.deleted")
    assert "gone" in text
    assert "globex" not in text.partition("When")[2]
    acme = found(subject="smtp_setting/acme").partition("When")[2]
    assert acme.index("v3") < acme.index("v2") < acme.index("v1")
    assert "No event matches." in found(actor="user:nobody")
    assert "globex" not in found(until="2026-01-31T12:30:00Z").partition("When")[2]
    assert "acme v1" not in found(since="2026-01-31T13:30:00Z").partition("When")[2]
    assert found(position=1).partition("When")[2].split()[0] == "1"


def test_a_wrong_filter_is_named(ask: Asker) -> None:
    text = said(ask("GET", "/events?since=tomorrow&type=nonsense"), 422)
    assert "cannot be searched for: Type, Since" in text


def test_an_auditor_of_some_tenants_sees_their_events_only(service: Service) -> None:
    text = said(service.asker("auditor", tenants=["globex"])("GET", "/events"))
    assert "globex" in text
    assert "acme" not in text.partition("When")[2]


def test_an_event_shows_all_that_is_recorded(ask: Asker) -> None:
    listed = ask("GET", "/v1/events?subject=smtp_setting/acme&limit=1").get_json()["items"][0]
    text = said(ask("GET", f"/events/{listed['position']}"))
    assert listed["id"] in text
    assert "relaybook.smtp_setting.registered.v1" in text
    assert ask("GET", "/events/0").status_code == 404
    assert ask("GET", "/events/99999").status_code == 404


def test_the_sealed_log_tells_root_key_and_how_far_it_is_behind(
    service: Service, ask: Asker
) -> None:
    assert "Nothing is sealed yet." in said(ask("GET", "/log"))
    service.relaybook.log.sealer.begin().round()
    head = service.relaybook.log.log.newest()
    assert head is not None
    text = said(ask("GET", "/log"))
    assert head.root.hex() in text
    assert service.relaybook.log.keys.newest().verifier.text in text
    assert "up to date" in text
    ask("PATCH", "/v1/smtp-settings/globex", {"x_mailer": "A"}, headers=WITHOUT_MATCH)
    assert "Behind 1 " in said(ask("GET", "/log"))
    assert "globex." in said(service.asker("auditor", tenants=["globex"])("GET", "/log"))


def test_the_status_tells_what_waits(ask: Asker) -> None:
    text = said(ask("GET", "/status"))
    assert "relaybook.connection-tests" in text
    assert "smtp_settings" in text
    assert "SQLite" in text


def test_every_kind_of_event_has_its_words(ask: Asker) -> None:
    page = ask("GET", "/events").get_data(as_text=True)
    for name in CATALOGUE:
        assert f" · {name}</option>" in page
        assert f">{name} · " not in page
