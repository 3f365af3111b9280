"""One person's whole way through one ecosystem, and what a thief tries on the way.

Everything goes through pages and forms, as a person would go; what the TPP says to the server and
the bank is read from the TPP's own record. A step that does not hold raises Broken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deploy.demo.browser import Browser
from deploy.demo.one_time_codes import Authenticator
from deploy.demo.sandbox_kit import Kit
from deploy.local.https_client import Exchange, opened, shortened_url
from deploy.local.terminal import Terminal

MOST_CODES = 2
UNAUTHORIZED = 401


class Broken(Exception):
    """A step of the journey did not hold."""


@dataclass(slots=True, kw_only=True)
class Journey:
    """``person`` lets ``client_id`` see their first accounts, then stops it."""

    kit: Kit
    terminal: Terminal
    browser: Browser
    authenticator: Authenticator
    client_id: str
    person: str
    shown: int = 0

    def run(self) -> None:
        self._connect()
        self._sign_in()
        self._second_factor()
        chosen = self._choose_accounts()
        self._approve()
        self._accounts_are_shown(chosen)
        self._thieves_get_nothing()
        self._stop_sharing()
        self._nothing_is_left()

    def _connect(self) -> None:
        client = self.kit.clients[self.client_id]
        self.terminal.event(f"{self._name()} opens {client.name} and chooses the bank")
        self.browser.open(self.kit.addresses.tpp_base + "/")
        self.browser.click(f"choose-{self.client_id}")
        self.browser.press("connect")
        self._show_exchanges()
        self._must(
            "login-submit" in self.browser.page.buttons,
            "the browser carried only client_id and request_uri, and the server asks who it is",
        )

    def _sign_in(self) -> None:
        person = self.kit.people[self.person]
        self.terminal.event(f"{self._name()} signs in with name and password")
        self.browser.press(
            "login-submit", {"login": person["username"], "password": person["password"]}
        )
        self._must("mfa-submit" in self.browser.page.buttons, "the password alone is not enough")

    def _second_factor(self) -> None:
        secret = self.kit.people[self.person]["totp_secret"]
        self.terminal.event("The second factor: six digits from the authenticator")
        for _ in range(MOST_CODES):  # the person may have used one of their own meanwhile
            if (seconds := self.authenticator.wait_for(self.person)) > 0:
                self.terminal.fact("", f"waiting {seconds:.0f} s for a code that is new")
            code = self.authenticator.code(self.person, secret=secret)
            self.browser.press("mfa-submit", {"code": code})
            if "mfa-submit" not in self.browser.page.buttons:
                break
        self._must(
            "accounts-continue" in self.browser.page.buttons, "two factors, and the accounts appear"
        )

    def _choose_accounts(self) -> Sequence[str]:
        accounts = self.kit.people[self.person]["accounts"]
        shareable = [one["id"] for one in accounts if one["shareable"]]
        offered = self.browser.page.checkboxes.get("accounts", [])
        self._must(sorted(offered) == sorted(shareable), "only what may be shared can be chosen")
        chosen = shareable[:1]
        self.terminal.event("The person chooses one account")
        self.terminal.fact("", ", ".join(chosen))
        self.browser.press("accounts-continue", {"accounts": chosen})
        return chosen

    def _approve(self) -> None:
        self._must(
            {"consent-approve", "consent-refuse"} <= self.browser.page.buttons.keys(),
            "who asks, for what and until when is shown, to approve or to refuse",
        )
        self.terminal.event("The person approves")
        self.browser.press("consent-approve")
        self._must("return-link" in self.browser.page.links, "the server says where it leads back")
        self.browser.wait_for_refresh()

    def _accounts_are_shown(self, chosen: Sequence[str]) -> None:
        self._show_exchanges()
        shown = [
            one.removeprefix("account-")
            for one in self.browser.page.ids
            if one.startswith("account-")
        ]
        self._must(shown == list(chosen), "the TPP sees the chosen account and no other")
        for account in chosen:
            self.terminal.fact("", self.browser.page.text(f"account-{account}"))

    def _thieves_get_nothing(self) -> None:
        self.browser.press("steal")
        exchanges = self._show_exchanges()
        self._must(
            [one["status"] for one in exchanges] == [UNAUTHORIZED] * 3,
            "the stolen token is worth nothing without the TPP's own certificate",
        )

    def _stop_sharing(self) -> None:
        company = self.kit.clients[self.client_id].name
        self.terminal.event(f"{self._name()} looks at what is shared, and stops it")
        self.browser.open(f"{self.kit.addresses.public_base}/consents/")
        page = self.browser.page
        cards = [
            one for one in page.ids if one.startswith("consent-card-") and company in page.text(one)
        ]
        self._must(bool(cards), "the consent stands among the person's own")
        self.browser.open(page.link_inside(cards[0]))
        self.browser.click("consent-revoke")
        self.browser.press("consent-revoke-confirm")
        page = self.browser.page
        self.terminal.fact("state", page.text("consent-state"))
        self._must("consent-revoke" not in page.links, "it is stopped, and cannot be stopped twice")

    def _nothing_is_left(self) -> None:
        self.browser.open(f"{self.kit.addresses.tpp_base}/{self.client_id}/")
        self.browser.press("refresh")
        exchanges = self._show_exchanges()
        self._must(
            exchanges[0]["status"] == UNAUTHORIZED, "the same token, alive a moment ago, is refused"
        )
        self._must(
            exchanges[-1]["answer"].get("error") == "invalid_grant",
            "and the refresh token gives no new one",
        )
        self._must("ended" in self.browser.page.ids, "the TPP has understood")

    def _show_exchanges(self) -> list[dict[str, Any]]:
        """Show what the TPP has said since the last time, and return it."""
        http = self.browser.http
        record = http.get(f"{self.kit.addresses.tpp_base}/{self.client_id}/wire.json").json()
        new: list[dict[str, Any]] = record[self.shown :]
        self.shown = len(record)
        for exchange in new:
            self.terminal.exchange(Exchange(**exchange))
        return new

    def _must(self, condition: bool, sentence: str) -> None:
        if condition:
            self.terminal.held(sentence)
            return
        raise Broken(f"{sentence}; now at {self.browser.where()}")

    def _name(self) -> str:
        return str(self.kit.people[self.person]["display_name"])


def travel(kit: Kit, terminal: Terminal, *, client_id: str, person: str) -> None:
    """Run one journey in a browser of its own; raise Broken, or NotThere from the browser."""

    def visited(method: str, url: str, status: int) -> None:
        terminal.fact(str(status), f"{method} {shortened_url(url)}")

    with opened(root=kit.root) as http:
        journey = Journey(
            kit=kit,
            terminal=terminal,
            browser=Browser(http, visited),
            authenticator=Authenticator(path=kit.folder.parent / "used_codes.json"),
            client_id=client_id,
            person=person,
        )
        journey.run()
