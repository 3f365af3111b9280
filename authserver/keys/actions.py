"""The life of a signing key: created and published, active, retired, withdrawn."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from authserver.audit.changes import made, pair
from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.ecosystems.models import Ecosystem
from authserver.keys.models import SigningKey
from authserver.protocol import jose
from authserver.protocol.requirements import case
from authserver.storage.encryption import encrypt

State = SigningKey.State
ENCRYPTION_ALGORITHM = "RSA-OAEP-256"


@transaction.atomic
def create(ecosystem: Ecosystem, *, algorithm: str, by: str) -> SigningKey:
    """Make a key pair and publish its public half; it does not sign yet."""
    pem = jose.generate(algorithm)
    private = jose.load_private_key(pem, algorithm=algorithm)
    use = (
        SigningKey.Use.ENCRYPTION if algorithm == ENCRYPTION_ALGORITHM else SigningKey.Use.SIGNATURE
    )
    key = SigningKey.objects.create(
        ecosystem=ecosystem,
        kid=private.kid,
        algorithm=algorithm,
        use=use,
        public_jwk=jose.public_jwk(private),
        encrypted_private_key=encrypt(pem),
    )
    record(
        Event.KEY_CREATED, ecosystem=ecosystem.slug, actor=by, subject=key.kid, changed=made(key)
    )
    return key


@case("DS-07")
@transaction.atomic
def activate(key: SigningKey, *, by: str) -> bool:
    """Let the key sign; the one that signed before is retired in the same transaction.

    False, and nothing changed, where it signs already or was withdrawn meanwhile.
    """
    now = timezone.now()
    _wait_for_what_is_being_signed(key)
    before = _state_of(key)
    if before not in (State.PUBLISHED, State.RETIRED):
        return False
    replaced = SigningKey.objects.filter(
        SigningKey.SIGNS.q(), ecosystem=key.ecosystem, algorithm=key.algorithm, use=key.use
    ).exclude(pk=key.pk)
    retired = replaced.values_list("kid", flat=True).first()
    replaced.update(state=State.RETIRED, retired_at=now)
    _in(key, State.PUBLISHED, State.RETIRED).update(state=State.ACTIVE, activated_at=now)
    facts = {"retired": retired} if retired else {}
    _record_move(Event.KEY_ACTIVATED, key, by=by, before=before, to=State.ACTIVE, **facts)
    return True


@case("DS-07")
@transaction.atomic
def retire(key: SigningKey, *, by: str) -> bool:
    """Stop signing with the key; it stays published for what it signed.

    False, and nothing changed, where it was retired or withdrawn meanwhile.
    """
    _wait_for_what_is_being_signed(key)
    before, signing = _state_of(key), _in(key, State.PUBLISHED, State.ACTIVE)
    if not signing.update(state=State.RETIRED, retired_at=timezone.now()):
        return False
    _record_move(Event.KEY_RETIRED, key, by=by, before=before, to=State.RETIRED)
    return True


@case("DS-07")
@transaction.atomic
def withdraw(key: SigningKey, *, by: str) -> bool:
    """Take the key out of the published set, at once: nothing that it signed verifies any more.

    It never comes back. False, and nothing changed, where it was withdrawn before.
    """
    _wait_for_what_is_being_signed(key)
    before = _state_of(key)
    published = _in(key, State.PUBLISHED, State.ACTIVE, State.RETIRED)
    if not published.update(state=State.WITHDRAWN, retired_at=timezone.now()):
        return False
    _record_move(Event.KEY_RETIRED, key, by=by, before=before, to=State.WITHDRAWN, withdrawn=True)
    return True


def _in(key: SigningKey, *states: State) -> QuerySet[SigningKey]:
    """The row as it is stored: the caller's copy may be older than what another operator did."""
    return SigningKey.objects.filter(pk=key.pk, state__in=states)


def _state_of(key: SigningKey) -> str:
    return SigningKey.objects.values_list("state", flat=True).get(pk=key.pk)


def _record_move(
    event: Event, key: SigningKey, *, by: str, before: str, to: State, **facts: Any
) -> None:
    record(
        event,
        ecosystem=key.ecosystem.slug,
        actor=by,
        subject=key.kid,
        changed={"state": pair("state", before, to.value)},
        **facts,
    )


def _wait_for_what_is_being_signed(key: SigningKey) -> None:
    """Whoever issues a token holds its ecosystem FOR SHARE before it asks for the key.

    So of two tokens at this moment one is committed before the change, and one sees it.
    """
    Ecosystem.objects.select_for_update(no_key=True).get(pk=key.ecosystem_id)
