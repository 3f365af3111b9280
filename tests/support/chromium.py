"""One Chromium for a whole run: Playwright has room for one of its kind in a process."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

# The shell is the same engine without the window's own parts, at two thirds of the cost.
DEBIANS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
CHROMIUM = Path(os.environ.get("CHROMIUM") or next(filter(Path.exists, DEBIANS), DEBIANS[-1]))


@pytest.fixture(scope="session")
def chromium(django_db_setup: None) -> Iterator[Browser]:
    """The browser; where it is missing the test is skipped, or fails if CI requires it.

    Playwright leaves an event loop in this thread, which must not frighten the ORM.
    """
    if not CHROMIUM.exists():
        complaint = f"no Chromium at {CHROMIUM}: install Debian's chromium"
        if os.environ.get("CI_REQUIRE_ALL") == "1":
            pytest.fail(complaint)
        pytest.skip(complaint)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        yield browser
        browser.close()


def press(page: Page, selector: str) -> None:
    """Click, and wait until the page that follows is there with its styles.

    A bare click returns while the next page is still arriving: what is read then is neither.
    """
    with page.expect_navigation(wait_until="load"):
        page.click(selector)
