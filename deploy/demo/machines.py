"""Machines of two organisations call the bank in their own names, and a thief tries as well.

No person and no browser: client credentials over TLS with client certificates. A step that does
not hold raises Broken.
"""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from deploy.demo.journey import Broken
from deploy.demo.parties import FFI, PENSIONS, REGISTRY
from deploy.demo.sandbox import client_id
from deploy.demo.sandbox_kit import Kit
from deploy.local.client import Client
from deploy.local.https_client import HTTPSClient, opened
from deploy.local.issuer import Failed, Issuer
from deploy.local.terminal import Terminal

LONGEST = 300  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """``registry`` is identified by its certificate, ``pensions`` signs assertions beside it."""

    kit: Kit
    terminal: Terminal
    registry: Issuer
    pensions: Issuer
    stranger: HTTPSClient
    nobody: HTTPSClient

    def run(self) -> None:
        token = self._token_by_certificate()
        self._scope_opens_one_api(token)
        self._thieves_get_nothing(token)
        self._scope_is_needed()
        self._assertion_needs_its_certificate()

    def _token_by_certificate(self) -> str:
        what = "asks for a token, by its certificate alone"
        given = self._ask(self.registry, what, scope="ffi-core")
        token: str = given["access_token"]
        self._must(
            "refresh_token" not in given and "." not in token and given["expires_in"] <= LONGEST,
            "the registered certificate is enough; the token is opaque and lives five minutes",
        )
        return token

    def _scope_opens_one_api(self, token: str) -> None:
        https = self.registry.https
        answer = self._call(https, "Harbour Registry calls the core API", "core", token)
        self._must(
            answer.status_code == httpx.codes.OK
            and answer.json()["caller"] == self.registry.client.client_id,
            "the API answers, and knows who is calling",
        )
        refused = self._call(https, "The same token at the contract API", "contract", token)
        self._must(
            refused.status_code == httpx.codes.FORBIDDEN,
            "an API that looks at the scope refuses a token for another one",
        )
        served = self._call(https, "The same token at the notification API", "notification", token)
        self._must(
            served.status_code == httpx.codes.OK,
            "an API that does not look at it answers: to look is the choice of who runs the API",
        )

    def _thieves_get_nothing(self, token: str) -> None:
        statuses = [
            self._call(https, f"The stolen token, {who}", name, token).status_code
            for who, https, name in (
                ("without a certificate", self.nobody, "core"),
                ("with a stranger's certificate", self.stranger, "core"),
                ("where no scope is looked at", self.pensions.https, "notification"),
            )
        ]
        self._must(
            statuses == [httpx.codes.UNAUTHORIZED] * 3,
            "the stolen token is worth nothing without its owner's certificate",
        )

    def _scope_is_needed(self) -> None:
        for what, scope, sentence in (
            ("names no scope", "", "a scope must be named"),
            ("names a scope of its own", "admin", "and it must be one of those on offer"),
        ):
            refusal = self._refusal(self.registry, what, scope=scope)
            self._must(refusal.error == "invalid_scope", sentence)

    def _assertion_needs_its_certificate(self) -> None:
        what = "signs an assertion, beside its certificate"
        given = self._ask(self.pensions, what, scope="ffi-contract")
        answer = self._call(
            self.pensions.https,
            "Marram Pensions calls the contract API",
            "contract",
            given["access_token"],
        )
        self._must(
            answer.status_code == httpx.codes.OK,
            "the other way to be identified: a signature, and a registered certificate as well",
        )
        bare = replace(self.pensions, https=self.nobody)
        what = "signs an assertion, without its certificate"
        refusal = self._refusal(bare, what, scope="ffi-contract")
        self._must(
            refusal.error == "invalid_client",
            "an assertion does not replace the registered certificate",
        )

    def _ask(self, issuer: Issuer, what: str, *, scope: str) -> dict[str, Any]:
        form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
        return issuer.post(f"{issuer.client.name} {what}", "token_endpoint", form)

    def _refusal(self, issuer: Issuer, what: str, *, scope: str) -> Failed:
        try:
            self._ask(issuer, what, scope=scope)
        except Failed as refusal:
            return refusal
        raise Broken(f"{issuer.client.name} {what}, and gets a token")

    def _call(self, https: HTTPSClient, what: str, name: str, token: str) -> httpx.Response:
        url = next(api["url"] for api in self.kit.message_apis if api["scope"] == f"ffi-{name}")
        return https.get(what, url, token=token)

    def _must(self, condition: bool, sentence: str) -> None:
        if not condition:
            raise Broken(sentence)
        self.terminal.held(sentence)


def run(kit: Kit, terminal: Terminal) -> None:
    """Let both organisations call the bank; raise Broken."""
    registry, pensions = (kit.clients[client_id(each, FFI)] for each in (REGISTRY, PENSIONS))
    with ExitStack() as stack:

        def https(name: str = "", **files: Path) -> HTTPSClient:
            http = stack.enter_context(opened(root=kit.root, **files))
            return HTTPSClient(http=http, certificate=name, record=terminal.exchange)

        def own_https(client: Client) -> HTTPSClient:
            return https(
                client.client_id,
                certificate=client.transport_certificate,
                key=client.transport_key,
            )

        try:
            issuer = Issuer.discover(registry, own_https(registry))
            Machines(
                kit=kit,
                terminal=terminal,
                registry=issuer,
                pensions=replace(issuer, client=pensions, https=own_https(pensions)),
                stranger=https("magpie", certificate=kit.thief_certificate, key=kit.thief_key),
                nobody=https(),
            ).run()
        except (Failed, httpx.HTTPError) as fault:
            raise Broken(str(fault)) from fault
