"""What an interaction ends with: a consent that lives, and what it gives; or none."""

from django.db import transaction

from authserver.interaction.interaction import Decision, Interaction
from authserver.protocol.errors import AccessDenied, InvalidRequestURI
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs.claims import Claims
from authserver.storage.together import Parts, store_together
from authserver.tokens.answered import completion
from authserver.tokens.models import AuthorizationCode, AuthorizationTransaction, PushedRequest
from authserver.tokens.validity import held_consent, held_person, lock_issuance
from clients.registered import held_as_judged
from consents import actions as consents
from consents.models import Consent
from consents.states import SYSTEM


def give(interaction: Interaction, *, code: str) -> None:
    """Store the person's consent, and the code that stands on it, and use the request up: at once.

    The staged consent is approved; or one to the scopes: given now, or remembered. AccessDenied
    where it is none any more; NothingStored where anything else is another than it was judged by.
    """
    assert interaction.authentication is not None, "nothing is missing"
    user, now = interaction.authentication.user, interaction.now
    pushed = interaction.transaction.pushed_request

    judged = Parts(under=(held_as_judged(interaction.client),))

    def beside(consent: Consent) -> Parts:
        return _what_a_code_is(interaction, consent, code=code)

    if pushed.consent is not None:
        choices = interaction.transaction.choices
        consents.approve(
            _of_the_client(pushed.consent, interaction),
            user=user,
            choices=choices,
            now=now,
            beside=beside,
        )
    elif interaction.transaction.decision == Decision.APPROVED:
        consents.approve_scopes(
            client=interaction.client,
            user=user,
            ecosystem=interaction.ecosystem,
            asked=interaction.asked,
            request_object=pushed.request_object,
            request_object_key=pushed.request_object_key,
            now=now,
            beside=lambda consent: judged + beside(consent),
        )
    else:
        _give_again(interaction, lambda consent: judged + beside(consent))


def _of_the_client(consent: Consent, interaction: Interaction) -> Consent:
    """The consent with its client and ecosystem as they are registered."""
    consent.client, consent.ecosystem = interaction.client, interaction.ecosystem
    return consent


def _give_again(interaction: Interaction, beside: consents.Beside) -> None:
    """By the consent that is remembered, which ``what_is_missing`` has looked up."""
    consent = interaction.remembered
    if consent is None:
        raise AccessDenied("the consent was stopped meanwhile", clause="CBUAE-2.4c")
    parts = beside(consent)
    living = held_consent(consent.pk, client=interaction.client.pk, now=interaction.now)
    if not store_together(parts.rows, under=(*parts.under, living), changed=parts.changed):
        raise consents.NothingStored


def _what_a_code_is(interaction: Interaction, consent: Consent, *, code: str) -> Parts:
    """The code with its event, under what it stands on, and the request that it is the answer to.

    While these are held nobody suspends, stops or takes away any of it: the code is issued before,
    or not at all.
    """
    authentication, request = interaction.authentication, interaction.authorization_request
    assert authentication is not None, "nothing is missing"
    client, now = interaction.client, interaction.now
    rows = AuthorizationCode.objects.make(
        code=code,
        client=client,
        request=request,
        authentication=authentication,
        consent=consent,
        scope=" ".join(request.scope),
        claims=Claims.asked_for(request.claims).as_text(),
        authorization_details=consents.granted_details(consent),
        dpop_jkt=interaction.transaction.pushed_request.dpop_jkt,
        lifetime=interaction.ecosystem.authorization_code_lifetime,
        now=now,
    )
    person = held_person(authentication.user.pk, client=client.pk)
    return Parts(rows=rows, under=(person,)) + completion(interaction.transaction, now=now)


@case("CD-14", "CD-15", "TK-10")
@requirement("PAR-7.3")
def require_something_to_stand_on(interaction: Interaction) -> None:
    """Say why nothing was given: InvalidRequestURI, or AccessDenied; nothing where it is judged by
    what has become another, and may be given."""
    authentication, pushed = interaction.authentication, interaction.transaction.pushed_request
    assert authentication is not None, "nothing is missing"
    if not PushedRequest.objects.is_unused(pushed):
        raise InvalidRequestURI("request_uri is unknown, expired or used")
    is_remembered = pushed.consent is None and interaction.transaction.decision == ""
    consent = interaction.remembered if is_remembered else None
    with transaction.atomic():
        is_active = lock_issuance(
            client=interaction.client.pk,
            user=authentication.user.pk,
            consent=consent.pk if consent else None,
            now=interaction.now,
        )
    if not is_active:
        raise AccessDenied(
            "the client, the person or the consent is not active", clause="RFC6749-4.1.2.1"
        )


def end_without_consent(interaction: Interaction) -> None:
    """Use the request up, and reject what was staged with it; inside the caller's transaction."""
    ending = interaction.transaction
    AuthorizationTransaction.objects.store(ending)
    PushedRequest.objects.complete(ending.pushed_request, now=interaction.now)
    if (staged := ending.pushed_request.consent) is not None:
        by = _refused_by(interaction)
        consents.reject(staged, by=by, now=interaction.now, user=ending.user)
    AuthorizationTransaction.objects.complete(ending, now=interaction.now)


@case("AZ-20")
def _refused_by(interaction: Interaction) -> str:
    """Whose refusal it is: the person's where they are signed in, else nobody's, or ours."""
    if not interaction.was_refused_by_the_person:
        return SYSTEM
    authentication, owner = interaction.authentication, interaction.transaction.user
    return owner.username if authentication and owner and authentication.user.pk == owner.pk else ""
