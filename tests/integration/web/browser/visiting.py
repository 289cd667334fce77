"""One demo and one browser for a process of tests, and visitors who look at its pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from tests.integration.cli.running import Up
from tests.support.services import missing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playwright.sync_api import ConsoleMessage, Request

CHROMIUM: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: The browser's own note on an answer that refuses what was typed; the page shows why.
_REFUSALS: Final = tuple(
    f"Failed to load resource: the server responded with a status of {status}"
    for status in (400, 401, 403, 404, 409, 412, 422)
)
_PATIENCE_MS: Final = 30_000
DESKTOP: Final = {"width": 1366, "height": 900}
PHONE: Final = {"width": 390, "height": 844}
#: Sums up how far things jumped while a page was put together (layout shift of Web Vitals).
_WATCH_JUMPS: Final = """
window.jumped = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.jumped += entry.value;
}).observe({type: 'layout-shift', buffered: true});
"""


@dataclass
class Served:
    """A running demo, asked over HTTP with the token of its data directory."""

    up: Up
    sessions: dict[tuple[tuple[str, ...], tuple[str, ...]], dict[str, Any]] = field(
        default_factory=dict
    )

    @property
    def url(self) -> str:
        return self.up.url

    def ask(self, method: str, path: str, document: object = None, **headers: str) -> Any:
        """Return the JSON of an answer of the API."""
        token = (self.up.data_dir / "admin.token").read_text().strip()
        answer = httpx.request(
            method,
            self.url + path,
            json=document,
            headers={"Authorization": f"Bearer {token}", **headers},
            trust_env=False,
            timeout=60,
        )
        assert answer.status_code < 400, answer.text
        return answer.json() if answer.content else None

    def register(self, setting_id: str, **fields: Any) -> dict[str, Any]:
        """Register a setting and return it."""
        document = {"id": setting_id, "host": "smtp.acme.example", **fields}
        made: dict[str, Any] = self.ask("POST", "/v1/smtp-settings", document)
        return made

    def setting(self, setting_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/v1/smtp-settings/{setting_id}")
        return found

    def cookie(self, roles: Sequence[str], tenants: Sequence[str] = ()) -> dict[str, Any]:
        """Return the session of somebody with these roles, signed in once."""
        key = (tuple(roles), tuple(tenants))
        if key not in self.sessions:
            wanted = {"name": "visitor", "roles": list(roles)}
            token = self.ask(
                "POST", "/v1/tokens", wanted | ({"tenants": tenants} if tenants else {})
            )
            entered = httpx.post(
                f"{self.url}/sign-in", data={"token": token["token"]}, trust_env=False, timeout=60
            )
            name, value = next(iter(entered.cookies.items()))
            self.sessions[key] = {"name": name, "value": value, "url": self.url}
        return self.sessions[key]


@dataclass
class Visitor:
    """Somebody with a browser of their own; whatever it complains of fails the test."""

    page: Page
    served: Served
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def watch(self) -> None:
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._note_request)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_REFUSALS):
            self.complaints.append(message.text)

    def _note_request(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.served.url).netloc:
            self.complaints.append(f"a request to {request.url}")


@contextmanager
def a_demo(folder: Path) -> Iterator[Served]:
    """Give a running demo that takes any number of tests a minute."""
    up = Up(folder / "data")
    try:
        up.start("--demo")
        yield Served(up)
    finally:
        assert up.end() == 0, up.log


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Give Debian's Chromium."""
    executable = shutil.which("chromium")
    if executable is None:
        missing("no Chromium: install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM)
        yield browser
        browser.close()


@contextmanager
def a_visitor(
    browser: Browser,
    served: Served,
    *,
    roles: Sequence[str] = ("admin", "credentials"),
    tenants: Sequence[str] = (),
    **options: Any,
) -> Iterator[Visitor]:
    """Give somebody who is signed in; `options` are those of a browser context."""
    usual = {"locale": "en", "timezone_id": "Asia/Tokyo", "viewport": DESKTOP}
    context = browser.new_context(base_url=served.url, **{**usual, **options})
    if roles:
        context.add_cookies([served.cookie(roles, tenants)])  # type: ignore[list-item]  # a SetCookieParam
    context.add_init_script(_WATCH_JUMPS)
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    visitor = Visitor(page, served)
    visitor.watch()
    try:
        yield visitor
    finally:
        context.close()
    assert visitor.complaints == [], visitor.complaints
