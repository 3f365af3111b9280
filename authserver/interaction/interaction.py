"""One person's way through one request of a client, and the one way to find it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from authserver.accounts.acr import Authentication
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.errors import InvalidRequest, InvalidRequestURI
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.tokens.models import AuthorizationTransaction
from clients.models import Client
from consents import actions as consents
from consents.grant import Grant
from consents.models import Consent

Decision = AuthorizationTransaction.Decision


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """All that is known of it at one instant: what is looked up, is looked up once.

    ``authentication`` is what the person has proved where they are asked; None if nobody is known.
    """

    transaction: AuthorizationTransaction
    authorization_request: AuthorizationRequest
    client: Client
    ecosystem: Ecosystem
    authentication: Authentication | None
    now: datetime

    @cached_property
    def asked(self) -> Grant:
        """All that the request asks for, until when the person's page says."""
        begun = self.transaction.opened_at
        return consents.asked(self.authorization_request, ecosystem=self.ecosystem, now=begun)

    @cached_property
    def remembered(self) -> Consent | None:
        """A living consent of this person that covers what is asked for; to scopes alone."""
        if self.authentication is None:
            return None
        user = self.authentication.user
        return consents.remembered(client=self.client, user=user, asked=self.asked, now=self.now)

    @property
    def to_be_granted(self) -> Grant:
        """What the person's yes would give: what is asked for, with what they chose beside it."""
        staged = self.transaction.pushed_request.consent
        asked = staged.grant if staged is not None else self.asked
        return asked.with_choices(self.transaction.choices)

    @property
    def prompts(self) -> Collection[str]:
        return (self.authorization_request.prompt or "").split()

    @property
    def is_open(self) -> bool:
        """Nobody has decided, and nothing was answered."""
        return AuthorizationTransaction.UNDECIDED.holds(self.transaction)

    @property
    def was_refused_by_the_person(self) -> bool:
        return self.transaction.decision == Decision.REFUSED


@case("AZ-13", "AZ-17", "AZ-33")
@requirement("PAR-4")
def of_transaction(
    transaction: AuthorizationTransaction | None,
    *,
    authentication: Authentication | None,
    now: datetime,
) -> Interaction:
    """The way through the request of a browser's transaction; InvalidRequestURI if none lives.

    Unknown, over, another browser's, another ecosystem's and a suspended client's are told apart
    by nobody. A completed one is one too while its time lasts, so that the person who loads a page
    again can be told that it is done.
    """
    if transaction is None or not transaction.is_in_time(now=now):
        raise InvalidRequestURI(
            "this request is not open in this browser, or its time is over", clause="PAR-4"
        )
    client = transaction.pushed_request.client
    return Interaction(
        transaction=transaction,
        authorization_request=AuthorizationRequest.from_json(transaction.pushed_request.parameters),
        client=client,
        ecosystem=client.ecosystem,
        authentication=authentication,
        now=now,
    )


@requirement("FAPI2-SP-FINAL-5.3.2.2-6", "RFC9700-2.1")
def require_a_way_back(request: AuthorizationRequest, client: Client) -> None:
    """Nobody is sent to an address that the client has taken back since it pushed the request."""
    if request.redirect_uri not in client.registered_redirect_uris:
        raise InvalidRequest("redirect_uri is not registered for this client", clause="RFC9700-2.1")
