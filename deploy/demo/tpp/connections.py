"""What a person's clicks make the TPP do: connect, come back, refresh, forget, be robbed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import httpx

from deploy.demo.parties import TPPS, Company
from deploy.demo.sandbox_kit import Kit
from deploy.demo.tpp import authorization, bank, consent_requests
from deploy.demo.tpp.sessions import Visit
from deploy.local.client import Client
from deploy.local.https_client import HTTPSClient, opened
from deploy.local.issuer import Failed, Issuer

BANK_IS_SILENT = "The bank does not answer as it should. Try again in a moment."


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """One client of the TPP with its line to the outside; ``thieves`` hold other certificates."""

    client: Client
    company: Company
    https: HTTPSClient
    thieves: Mapping[str, HTTPSClient]
    accounts_url: str

    def connect(self, visit: Visit) -> str:
        """Push a request and return the URL to send the browser to; raise Failed."""
        visit.forget()
        details = consent_requests.authorization_details(
            self.client.ecosystem, now=consent_requests.present()
        )
        visit.pending = authorization.push(self._issuer(visit), details)
        return visit.pending.authorization_url

    def come_back(self, visit: Visit, answer: Mapping[str, str]) -> None:
        """Take the person's answer: tokens and accounts, or a refusal; raise Failed."""
        pending, visit.pending = visit.pending, None
        if pending is None:
            raise Failed("No journey was under way in this browser.")
        try:
            code = authorization.code_from(answer, pending=pending, issuer_url=self.client.issuer)
        except Failed as refusal:
            if refusal.error != "access_denied":
                raise
            visit.tell("refused", "You chose not to share. Nothing was shared with us.")
            return
        visit.tokens = authorization.redeem(self._issuer(visit), code, pending)
        self._read_accounts(visit)
        visit.tell("connected", "You are connected.")

    def refresh(self, visit: Visit) -> None:
        """Read the accounts again, with a new token where the old one has ended."""
        if visit.tokens is None:
            return
        try:
            self._read_accounts(visit)
        except bank.TokenRefused:
            self._renew(visit)
        else:
            visit.tell("refreshed", "These are the balances of this moment.")

    def disconnect(self, visit: Visit) -> None:
        """Give the tokens back and forget the accounts."""
        if visit.tokens is not None:
            authorization.revoke(self._issuer(visit), visit.tokens)
        visit.forget()
        visit.tell("forgotten", "We have given our access back and forgotten your accounts.")

    def be_robbed(self, visit: Visit) -> None:
        """Let others try the access token, each with what certificate they have."""
        if visit.tokens is None:
            return
        visit.thefts = tuple(
            (
                who,
                *bank.attempt(
                    replace(https, record=visit.exchanges.append),
                    f"The stolen token, {who}",
                    url=self.accounts_url,
                    access_token=visit.tokens.access_token,
                ),
            )
            for who, https in self.thieves.items()
        )

    def _renew(self, visit: Visit) -> None:
        tokens = visit.tokens
        if tokens is None:
            return
        try:
            if not tokens.refresh_token:
                raise Failed("The access token has ended and there is no refresh token.")
            visit.tokens = authorization.refresh(self._issuer(visit), tokens)
            self._read_accounts(visit)
        except (Failed, bank.TokenRefused) as ended:
            visit.forget()
            visit.tell(
                "ended",
                "Your permission has ended. We can no longer see your accounts.",
                detail=str(ended),
            )
        else:
            visit.tell("refreshed", "These are the balances of this moment.")

    def _read_accounts(self, visit: Visit) -> None:
        if visit.tokens is None:
            return
        try:
            visit.accounts = bank.accounts(
                self._https(visit), url=self.accounts_url, access_token=visit.tokens.access_token
            )
        except (bank.BankFailed, httpx.HTTPError) as fault:
            raise Failed(BANK_IS_SILENT) from fault

    def _issuer(self, visit: Visit) -> Issuer:
        """Read the issuer's metadata once in a journey."""
        if visit.issuer is None:
            try:
                visit.issuer = Issuer.discover(self.client, self._https(visit))
            except httpx.HTTPError as fault:
                raise Failed("The authorization server does not answer.") from fault
        return visit.issuer

    def _https(self, visit: Visit) -> HTTPSClient:
        return replace(self.https, record=visit.exchanges.append)


def connectors(kit: Kit) -> dict[str, Connector]:
    """Return a connector for every client of a TPP, by client_id."""
    https_clients = {
        client.client_id: HTTPSClient(
            http=opened(
                root=kit.root, certificate=client.transport_certificate, key=client.transport_key
            ),
            certificate=client.client_id,
        )
        for client in kit.clients.values()
        if client.redirect_uri
    }
    magpie = opened(root=kit.root, certificate=kit.thief_certificate, key=kit.thief_key)
    by_client_id = {}
    for client_id, https in https_clients.items():
        client = kit.clients[client_id]
        company = next(one for one in TPPS if client_id.startswith(f"{one.slug}-"))
        rival = next(one for one in TPPS if one is not company)
        by_client_id[client_id] = Connector(
            client=client,
            company=company,
            https=https,
            thieves={
                "without a certificate": HTTPSClient(http=opened(root=kit.root), certificate=""),
                "with a stranger's certificate": HTTPSClient(http=magpie, certificate="magpie"),
                "with another TPP's certificate": https_clients[f"{rival.slug}-{client.ecosystem}"],
            },
            accounts_url=kit.bank["accounts_url"],
        )
    return by_client_id
