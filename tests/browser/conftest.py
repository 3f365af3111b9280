"""A real Chromium in front of a real server, in the state that a test's database has."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
)


@pytest.fixture
def site(chromium: Browser, live_server: Any) -> Iterator[str]:
    """Where the server listens. Its rate limits are forgotten afterwards: they outlive a flush."""
    yield str(live_server.url)
    cache.clear()


@pytest.fixture
def new_window(chromium: Browser, site: str) -> Iterator[Any]:
    """Open a window of its own, with Playwright's options for a context (viewport, locale...).

    Whatever the console says there is a failure: a blocked style, a script, a missing file.
    """
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def open_window(**options: Any) -> Page:
        context = chromium.new_context(base_url=site, **options)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda message: complaints.extend(_complaint(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_window
    for context in opened:
        context.close()
    assert complaints == []


def _complaint(message: ConsoleMessage) -> list[str]:
    """The text; nothing for an error page, nor for typing that outran the focus."""
    an_error_page = "Failed to load resource" in message.text
    if an_error_page and "/static/" not in message.location["url"]:
        return []
    return [] if message.text.startswith("Autofocus processing was blocked") else [message.text]


@pytest.fixture
def page(new_window: Any) -> Page:
    found: Page = new_window(viewport={"width": 1000, "height": 900})
    return found
