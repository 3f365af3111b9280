"""Everybody who asks whether a thing is alive, by the condition that they must agree with."""

from authserver.accounts.backends import AuthenticationBackend
from authserver.accounts.enrolments import active_enrolment
from authserver.accounts.models import User
from authserver.ecosystems.models import Ecosystem, RevocationList
from authserver.endpoints.back_channel import ecosystem_of
from authserver.tokens.models import AuthorizationCode, AuthorizationTransaction, PushedRequest
from clients.admin.readiness import missing
from clients.models import Client
from consents.expiry import expire_due
from consents.models import Consent, ConsentState
from consents.scopes import living as living_consents
from consents.states import state_of
from tests.operations.validity import asking
from tests.operations.validity.asking import Answer, asked, opposite, tried

SPELLINGS: dict[str, dict[str, Answer]] = {
    "Ecosystem.ALIVE": {
        "every door": asked(lambda living, now: ecosystem_of(living.row(Ecosystem).slug)),
        "the gate": asking.known_client_is_let_in,
        "introspection": asking.introspected,
        "the lock": asking.client_is_locked,
    },
    "Participant.LET_IN": {
        "the operator's page": lambda living, now: (
            not any(each.startswith("Its participant") for each in missing(living.row(Client)))
        ),
        "the gate": asking.known_client_is_let_in,
    },
    "Participant.ALIVE": {
        "the gate": asking.known_client_is_let_in,
        "introspection": asking.introspected,
        "the lock": asking.client_is_locked,
        "the lock of a code": asking.client_is_held_as_judged,
        "opening a request": asking.request_is_opened,
    },
    "Client.ALIVE": {
        "the gate": asking.known_client_is_let_in,
        "the toolkit": lambda living, now: living.row(Client).is_usable(None),
        "introspection": asking.introspected,
        "the lock": asking.client_is_locked,
        "the lock with the count": asking.client_and_requests_are_locked,
        "why there is no code": asking.all_are_locked,
        "the lock of a code": asking.client_is_held_as_judged,
        "opening a request": asking.request_is_opened,
        "the consent's page": asking.said_to_be_active,
    },
    "User.ALIVE": {
        "signing in": lambda living, now: (
            AuthenticationBackend().get_user(living.row(User).pk) is not None
        ),
        "introspection": asking.introspected,
        "the lock": asking.person_and_consent_are_locked,
    },
    "Enrolment.ALIVE": {
        "the journey": lambda living, now: (
            active_enrolment(living.row(User), living.row(Ecosystem)) is not None
        ),
        "introspection": asking.introspected,
        "refreshing": asking.refreshed,
        "the lock": asking.person_and_consent_are_locked,
        "the lock of a code": asking.all_are_locked,
        "the consent's page": asking.said_to_be_active,
    },
    "Consent.IN_TIME": {
        "its state": lambda living, now: (
            state_of(living.row(Consent), now=now) != ConsentState.EXPIRED
        ),
        "noting its end": opposite(tried(lambda living, now: expire_due(now=now) > 0)),
        "introspection": asking.introspected,
    },
    "Consent.ALIVE": {
        "the row": lambda living, now: living.row(Consent).is_alive(now=now),
        "its state": lambda living, now: (
            state_of(living.row(Consent), now=now) == ConsentState.AUTHORIZED
        ),
        "the operator's counts": lambda living, now: (
            Consent.objects.alive(now=now).filter(pk=living.row(Consent).pk).exists()
        ),
        "remembered": lambda living, now: (
            living_consents(client=living.row(Client), user=living.row(User), now=now)
            .filter(pk=living.row(Consent).pk)
            .exists()
        ),
        "introspection": asking.introspected,
        "refreshing": asking.refreshed,
        "the lock": asking.person_and_consent_are_locked,
        "the lock of a code": asking.all_are_locked,
        "the consent's page": asking.said_to_be_active,
    },
    "Consent.CURRENT": {
        "the list": asking.listed_as_current,
        "the list of the past": opposite(asking.listed_as_past),
        "the consent's page": asking.can_be_stopped,
    },
    "AuthorizationCode.ALIVE": {
        "finding": tried(
            lambda living, now: AuthorizationCode.objects.find(
                living.code, client=living.row(Client), now=now
            )
        ),
        "consuming": tried(
            lambda living, now: AuthorizationCode.objects.consume(
                living.row(AuthorizationCode), now=now
            )
        ),
    },
    "AuthorizationCode.UNREPLAYED": {
        "introspection": asking.introspected,
        "refreshing": asking.refreshed,
    },
    "RefreshToken.UNREVOKED": {
        "introspection": asking.introspected,
        "refreshing": asking.refreshed,
    },
    "RefreshToken.ALIVE": {"refreshing": asking.refreshed},
    "AccessToken.ALIVE": {"introspection": asking.introspected},
    "PushedRequest.UNUSED": {
        "the lock": asking.request_is_held,
        "the lock of its browser": asking.transaction_is_held,
        "why there is no code": lambda living, now: PushedRequest.objects.is_unused(
            living.row(PushedRequest)
        ),
        "completing": tried(
            lambda living, now: (
                PushedRequest.objects.complete(living.row(PushedRequest), now=now) is None
            )
        ),
    },
    "PushedRequest.ALIVE": {
        "opening": asking.request_is_opened,
        "the count": opposite(asking.no_request_waits),
    },
    "AuthorizationTransaction.IN_TIME": {
        "the browser": asking.browser_goes_on,
        "what ran out": asking.browser_is_in_time,
    },
    "AuthorizationTransaction.UNANSWERED": {
        "the lock": asking.transaction_is_held,
        "completing": tried(
            lambda living, now: AuthorizationTransaction.objects.complete(
                living.row(AuthorizationTransaction), now=now
            )
        ),
    },
    "AuthorizationTransaction.UNDECIDED": {
        "the pages": asking.interaction_is_open,
        "deciding": tried(
            lambda living, now: AuthorizationTransaction.objects.decide(
                living.row(AuthorizationTransaction), "refused"
            )
        ),
    },
    "AuthorizationTransaction.ALIVE": {
        "the row": lambda living, now: living.row(AuthorizationTransaction).goes_on(now=now),
        "giving it up": tried(
            lambda living, now: AuthorizationTransaction.objects.detach(
                living.row(AuthorizationTransaction), now=now
            )
        ),
    },
    "ClientCertificate.UNREVOKED": {
        "by its name": asking.stands_by_name,
        "self-signed": asking.stands_self_signed,
        "pinned": asking.stands_pinned,
        "introspection": asking.introspected,
    },
    "ClientCertificate.ALIVE": {"the operator's page": asking.client_is_ready},
    "RevocationList.IN_DATE": {
        "the row": lambda living, now: living.row(RevocationList).is_in_date(now=now),
        "the certificate": asking.its_ca_stands_by_it,
        "introspection": asking.introspected,
    },
    "SigningKey.SIGNS": {"signing": asking.key_signs},
    "SigningKey.VERIFIES": {
        "the key set": asking.key_is_published,
        "introspection": asking.introspected,
    },
    "ResourceServer.ALIVE": {
        "introspection": asking.introspected_by_the_bank,
        "the audience": asking.server_is_reached,
        "the accounts": asking.server_lists_accounts,
    },
}
