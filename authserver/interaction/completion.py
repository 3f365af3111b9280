"""What an interaction ends with: a consent that lives, and what it gives; or none."""

from authserver.interaction.interaction import Decision, Interaction
from authserver.protocol.errors import AccessDenied
from authserver.protocol.requirements import case
from authserver.tokens.models import AuthorizationTransaction, PushedRequest
from consents import actions as consents
from consents.models import Consent
from consents.states import SYSTEM


def approved_consent(interaction: Interaction) -> Consent:
    """The staged consent, approved; or one to the scopes: given now, or remembered.

    AccessDenied where it is none any more.
    """
    assert interaction.authentication is not None, "nothing is missing"
    user = interaction.authentication.user
    pushed = interaction.transaction.pushed_request
    if pushed.consent is not None:
        return consents.approve(
            pushed.consent,
            user=user,
            choices=interaction.transaction.choices,
            now=interaction.now,
        )
    if interaction.transaction.decision == Decision.APPROVED:
        return consents.approve_scopes(
            client=interaction.client,
            user=user,
            ecosystem=interaction.ecosystem,
            asked=interaction.asked,
            request_object=pushed.request_object,
            request_object_key=pushed.request_object_key,
            now=interaction.now,
        )
    remembered = consents.remembered(
        client=interaction.client, user=user, asked=interaction.asked, now=interaction.now
    )
    if remembered is None:
        raise AccessDenied("the consent was stopped meanwhile", clause="CBUAE-2.4c")
    return remembered


def end_without_consent(interaction: Interaction) -> None:
    """Use the request up, and reject what was staged with it; inside the caller's transaction."""
    transaction = interaction.transaction
    PushedRequest.objects.complete(transaction.pushed_request, now=interaction.now)
    if (staged := transaction.pushed_request.consent) is not None:
        consents.reject(
            staged, by=_refused_by(interaction), now=interaction.now, user=transaction.user
        )
    AuthorizationTransaction.objects.complete(transaction, now=interaction.now)


@case("AZ-20")
def _refused_by(interaction: Interaction) -> str:
    """Whose refusal it is: the person's where they are signed in, else nobody's, or ours."""
    if not interaction.was_refused_by_the_person:
        return SYSTEM
    authentication, owner = interaction.authentication, interaction.transaction.user
    return owner.username if authentication and owner and authentication.user.pk == owner.pk else ""
