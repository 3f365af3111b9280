"""The person's part: a browser that fills whatever form is shown, until it is sent back."""

import time

import httpx

from deploy.demo.browser import Browser
from deploy.demo.credentials import TOTP_PERIOD, totp_code
from deploy.demo.sandbox_kit import Kit

MOST_PAGES = 12


class Person:
    """Somebody of the kit, in a browser that stays signed in; gives their first account."""

    def __init__(self, kit: Kit, username: str, http: httpx.Client) -> None:
        self._facts = kit.people[username]
        self.browser = Browser(http)

    @property
    def account(self) -> str:
        return next(one["id"] for one in self._facts["accounts"] if one["shareable"])

    def approves(self, url: str) -> str:
        """Return the URL that the browser is sent back to with the server's answer."""
        return self._answers(url, "consent-approve")

    def refuses(self, url: str) -> str:
        return self._answers(url, "consent-refuse")

    def _answers(self, url: str, decision: str) -> str:
        self.browser.open(url)
        for _ in range(MOST_PAGES):
            if found := self.browser.page.links.get("return-link"):
                return found
            self._fill(decision)
        raise AssertionError(f"no way back from {self.browser.where()}")

    def _fill(self, decision: str) -> None:
        buttons = self.browser.page.buttons
        if "login-submit" in buttons:
            facts = {"login": self._facts["username"], "password": self._facts["password"]}
            self.browser.press("login-submit", facts)
        elif "mfa-submit" in buttons:
            self._second_factor()
        elif "accounts-continue" in buttons:
            self.browser.press("accounts-continue", {"accounts": [self.account]})
        else:
            self.browser.press(decision)

    def _second_factor(self) -> None:
        """A code counts once: where this one is spent already, the next one is waited for."""
        code = totp_code(self._facts["totp_secret"], at=time.time())
        self.browser.press("mfa-submit", {"code": code})
        if "mfa-submit" in self.browser.page.buttons:
            time.sleep(TOTP_PERIOD - time.time() % TOTP_PERIOD)
