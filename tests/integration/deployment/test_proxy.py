"""The example for nginx in front of a real service: TLS, addresses, streams, limits."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from services.config_api.bootstrap import prepare
from services.config_api.http.bodies import FILE_LIMIT, USUAL_LIMIT
from services.config_api.settings import read_settings
from tests.integration.deployment.proxied import HOST, Proxy, proxied
from tests.support.ports import free_port
from tests.support.processes import RELAYBOOK, Processes, is_ready, wait_until
from tests.support.relaybook import MASTER_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(400)  # a busy machine takes its time to start a service
SETTING = {"host": "smtp.acme.example"}


@dataclass(frozen=True, kw_only=True)
class Behind:
    """A service behind nginx; `client` asks through it as an administrator."""

    proxy: Proxy
    client: httpx.Client
    link: str
    processes: Processes

    def register(self, name: str, **headers: str) -> httpx.Response:
        return self.client.post("/v1/smtp-settings", json={"id": name, **SETTING}, headers=headers)

    def event_of(self, name: str) -> dict[str, Any]:
        history = self.client.get(f"/v1/smtp-settings/{name}/history").json()
        return dict(history["items"][0])


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    data_dir, folder = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("nginx")
    port = free_port()
    with proxied(folder, [port]) as proxy:
        values = {
            "RELAYBOOK_DATA_DIR": str(data_dir),
            "RELAYBOOK_BIND": f"127.0.0.1:{port}",
            "RELAYBOOK_MASTER_KEY": MASTER_KEY,
            "RELAYBOOK_PUBLIC_URL": proxy.url,
            "RELAYBOOK_TRUSTED_PROXIES": "1",
        }
        settings = read_settings(values)
        link = prepare(settings)
        assert link is not None
        token = settings.admin_token_path.read_text().strip()
        with (
            Processes(values, data_dir) as processes,
            httpx.Client(
                base_url=proxy.url,
                verify=proxy.trust,
                headers={"Authorization": f"Bearer {token}"},
                trust_env=False,
                timeout=30,
            ) as client,
        ):
            processes.start([*RELAYBOOK, "serve"])
            wait_until(lambda: is_ready(f"http://127.0.0.1:{port}"), seconds=240, what="ready")
            yield Behind(proxy=proxy, client=client, link=link.secret.reveal(), processes=processes)


def browser(behind: Behind) -> httpx.Client:
    return httpx.Client(
        base_url=behind.proxy.url, verify=behind.proxy.trust, trust_env=False, timeout=30
    )


def test_plain_http_leads_to_https(behind: Behind) -> None:
    answer = httpx.get(f"{behind.proxy.plain_url}/sign-in?a=b", trust_env=False)
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"https://{HOST}/sign-in?a=b"


def test_a_browser_gets_the_cookie_that_only_https_may_set(behind: Behind) -> None:
    with browser(behind) as client:
        answer = client.get("/sign-in", params={"link": behind.link})
        assert answer.status_code in {302, 303}, answer.text
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-relaybook=")
        assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
        page = client.get("/", follow_redirects=True)
        assert page.status_code == 200
        assert page.url.path != "/sign-in"
        assert "max-age" in page.headers["Strict-Transport-Security"]
    assert behind.link not in behind.proxy.log.read_text()
    assert behind.link not in behind.proxy.log.with_name("relaybook.error.log").read_text()


def test_events_have_the_address_that_the_proxy_saw(behind: Behind) -> None:
    made = behind.register("seen", **{"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=1.1.1.1"})
    assert made.status_code == 201, made.text
    assert made.headers["Location"].endswith("/v1/smtp-settings/seen")
    assert behind.event_of("seen")["source_ip"] == "127.0.0.1"


def test_a_foreign_host_is_refused(behind: Behind) -> None:
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
        status = behind.client.get("/v1/me", headers=headers).status_code
        assert status == (400 if "Host" in headers else 200), headers  # the proxy tells the host


def test_events_arrive_while_the_stream_is_open(behind: Behind) -> None:
    with behind.client.stream("GET", "/v1/events/stream") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == ": here"
        made = behind.register("streamed")
        assert made.status_code == 201
        began = time.monotonic()
        told = next(line for line in lines if line.startswith("data:") and "/streamed" in line)
        assert time.monotonic() - began < 9  # the next comment would come after ten seconds
    assert json.loads(told.removeprefix("data:"))["type"] == "relaybook.smtp_setting.registered.v1"


def head_alone(behind: Behind, path: str, length: int) -> tuple[int, dict[str, Any]]:
    """Send the head of a request and not one byte of its body; return what is answered."""
    lines = (
        f"POST {path} HTTP/1.1", f"Host: {HOST}", "Content-Type: application/json",
        "Accept-Language: ja", f"Content-Length: {length}", "", "",
    )  # fmt: skip
    port = httpx.URL(behind.proxy.url).port or 0
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        behind.proxy.trust.wrap_socket(plain, server_hostname=HOST) as wire,
    ):
        wire.sendall("\r\n".join(lines).encode())
        answer = HTTPResponse(wire)
        answer.begin()
        assert answer.headers["Content-Type"] == "application/problem+json"
        return answer.status, json.loads(answer.read())


@pytest.mark.parametrize(
    ("path", "limit"), [("/v1/smtp-settings", USUAL_LIMIT), ("/v1/imports", FILE_LIMIT)]
)
def test_a_body_above_the_limit_is_refused_before_it_is_read(
    behind: Behind, path: str, limit: int
) -> None:
    status, document = head_alone(behind, path, limit + 1)
    assert (status, document["status"]) == (413, 413)
    assert document["type"] == "urn:relaybook:problem:payload-too-large"
    assert document["title"] == "本文が大きすぎます"
    assert document["trace_id"]


def test_bodies_within_the_limit_reach_the_service(behind: Behind) -> None:
    kind = {"Content-Type": "application/json"}
    usual = behind.client.post("/v1/smtp-settings", content=b" " * USUAL_LIMIT, headers=kind)
    assert usual.status_code == 400
    query = {"mode": "new"}
    content = b" " * (USUAL_LIMIT + 1)
    file = behind.client.post("/v1/imports", params=query, content=content, headers=kind)
    assert file.status_code in {400, 422}, file.text
    assert file.json()["type"] != "urn:relaybook:problem:payload-too-large"


def test_figures_stay_inside(behind: Behind) -> None:
    assert behind.client.get("/metrics").status_code == 404
    assert behind.client.get("/readyz").status_code == 200


def test_a_service_that_is_away_is_a_problem_to_try_again(tmp_path: Path) -> None:
    with proxied(tmp_path, [free_port()]) as proxy:
        answer = httpx.get(f"{proxy.url}/v1/me", verify=proxy.trust, trust_env=False)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.json()["type"] == "urn:relaybook:problem:unavailable"
