"""A real Chromium in front of a real server, in the state that a test's database has."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client as Http
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
)

from authserver.accounts import actions
from authserver.accounts.models import User
from tests.support import world
from tests.support.authenticator_app import App
from tests.support.bank import Bank
from tests.support.person import Person

WINDOW: ViewportSize = {"width": 1000, "height": 900}


@pytest.fixture
def site(chromium: Browser, live_server: Any, settings: Any) -> Iterator[str]:
    """Where the server listens. Its rate limits are forgotten afterwards: they outlive a flush."""
    settings.PUBLIC_BASE = str(live_server.url)
    yield str(live_server.url)
    cache.clear()


@pytest.fixture(scope="session")
def profiles(chromium: Browser, live_server: Any) -> Iterator[Callable[[str], BrowserContext]]:
    """A profile of the browser for each language, kept: a new one costs it as much as ten pages.

    An empty tab keeps the profile's window open between two tests.
    """
    kept: dict[str, BrowserContext] = {}

    def profile(locale: str) -> BrowserContext:
        if locale not in kept:
            kept[locale] = chromium.new_context(base_url=live_server.url, locale=locale)
            kept[locale].new_page()
        return kept[locale]

    yield profile
    for context in kept.values():
        context.close()
    _until_nobody_is_served()


def _until_nobody_is_served() -> None:
    """The server ends next, and its threads must not use its database after that.

    Each lives as long as its connection, and notices a moment later that the browser has closed it.
    """
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(timeout=10)


@pytest.fixture
def new_window(profiles: Callable[[str], BrowserContext], site: str) -> Iterator[Any]:
    """Open a page for a person with this language, who was never here before.

    Whatever the console says there is a failure: a blocked style, a script, a missing file.
    """
    opened: list[Page] = []
    complaints: list[str] = []

    def open_window(locale: str = "en") -> Page:
        page = profiles(locale).new_page()
        opened.append(page)
        page.set_viewport_size(WINDOW)
        page.set_default_timeout(30_000)
        page.on("console", lambda message: complaints.extend(_complaint(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_window
    for page in opened:
        page.close()
        page.context.clear_cookies()
    assert complaints == []


def _complaint(message: ConsoleMessage) -> list[str]:
    """The text; nothing for an error page, nor for typing that outran the focus."""
    an_error_page = "Failed to load resource" in message.text
    if an_error_page and "/static/" not in message.location["url"]:
        return []
    return [] if message.text.startswith("Autofocus processing was blocked") else [message.text]


@pytest.fixture
def page(new_window: Any) -> Page:
    found: Page = new_window()
    return found


@pytest.fixture
def signed_in(mariam: User) -> Callable[[Page], Page]:
    """Give a page the session that the pages of signing in would leave behind."""

    def sign_in(page: Page) -> Page:
        person = Person(mariam, Http())
        person.sign_in()
        name = settings.SESSION_COOKIE_NAME
        cookie: Any = {
            "name": name,
            "value": person.browser.cookies[name].value,
            "domain": "localhost",
            "path": "/",
            "secure": True,
            "httpOnly": True,
        }
        page.context.add_cookies([cookie])
        return page

    return sign_in


@pytest.fixture
def bank_offers(monkeypatch: Any) -> Bank:
    bank = Bank()
    monkeypatch.setattr("consents.account_source.fetch_json", bank.fetch_json)
    return bank


@pytest.fixture
def mariam(site: str, openfinance: Any, bank_offers: Bank) -> User:
    """A person of a bank that offers accounts, with both factors."""
    made = world.person("mariam", openfinance)
    actions.add_second_factor(made, secret=App.secret, by="test")
    return made
