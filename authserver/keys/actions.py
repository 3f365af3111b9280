"""The life of a signing key: created and published, active, retired, withdrawn."""

from django.db import transaction
from django.utils import timezone

from authserver import jose
from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.ecosystems.models import Ecosystem
from authserver.encryption import encrypt
from authserver.keys.models import SigningKey

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
    record(Event.KEY_CREATED, ecosystem=ecosystem.slug, actor=by, subject=key.kid)
    return key


@transaction.atomic
def activate(key: SigningKey, *, by: str) -> None:
    """Let the key sign; the one that signed before is retired in the same transaction."""
    now = timezone.now()
    SigningKey.objects.filter(
        ecosystem=key.ecosystem,
        algorithm=key.algorithm,
        use=key.use,
        state=SigningKey.State.ACTIVE,
    ).exclude(pk=key.pk).update(state=SigningKey.State.RETIRED, retired_at=now)
    SigningKey.objects.filter(pk=key.pk).update(state=SigningKey.State.ACTIVE, activated_at=now)
    record(Event.KEY_ACTIVATED, ecosystem=key.ecosystem.slug, actor=by, subject=key.kid)


@transaction.atomic
def retire(key: SigningKey, *, by: str) -> None:
    """Stop signing with the key; it stays published for what it signed."""
    SigningKey.objects.filter(pk=key.pk).update(
        state=SigningKey.State.RETIRED, retired_at=timezone.now()
    )
    record(Event.KEY_RETIRED, ecosystem=key.ecosystem.slug, actor=by, subject=key.kid)


@transaction.atomic
def withdraw(key: SigningKey, *, by: str) -> None:
    """Take the key out of the published set, at once: nothing that it signed verifies any more."""
    SigningKey.objects.filter(pk=key.pk).update(
        state=SigningKey.State.WITHDRAWN, retired_at=timezone.now()
    )
    record(
        Event.KEY_RETIRED, ecosystem=key.ecosystem.slug, actor=by, subject=key.kid, withdrawn=True
    )
