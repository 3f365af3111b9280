"""Whether the keys of the settings open what is stored under them."""

from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db.models import Model, Q

from authserver.checks.database import where_there_are_tables
from authserver.keys.models import SigningKey
from authserver.storage.encryption import decrypt

ENOUGH = 20  # of a kind, the newest: a rotation that went wrong shows there first
ENCRYPTED = "encrypted_"  # what every column of ours begins with that ``encryption`` fills
NEVER_OPENED_AGAIN: dict[type[Model], Q] = {SigningKey: ~SigningKey.VERIFIES.q()}


@register(Tags.security, deploy=True)
@where_there_are_tables
def stored_secrets_open(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """With the key of another deployment nothing would, and new secrets would be mixed in."""
    try:
        tried = [(kind, _opens(text)) for kind, text in _stored()]
    except ValueError:  # the settings hold no keys at all, which another check says
        return []
    closed = [kind for kind, opens in tried if not opens]
    if not closed:
        return []
    if len(closed) < len(tried):
        return [
            Warning(
                f"AUTHSERVER_KEY_ENCRYPTION_KEYS does not open {len(closed)} of the {len(tried)}"
                f" newest secrets in the database: {', '.join(dict.fromkeys(closed))}",
                hint="Keep an old key behind the new one for as long as anything needs it.",
                id="authserver.W003",
            )
        ]
    return [
        Error(
            "AUTHSERVER_KEY_ENCRYPTION_KEYS opens none of the secrets in the database",
            hint="Put back the key that they were encrypted with, behind the new one.",
            id="authserver.E014",
        )
    ]


def _stored() -> Iterator[tuple[str, str]]:
    """Yield (what it is, its ciphertext) of every kind that ``encryption`` makes for a row."""
    for model, name in encrypted_columns():
        rows = model._default_manager.exclude(NEVER_OPENED_AGAIN.get(model, Q(pk=None)))
        rows = rows.exclude(**{name: ""}).order_by("-pk")
        kind = f"{model._meta.verbose_name} {name.removeprefix(ENCRYPTED)}".replace("_", " ")
        yield from ((kind, text) for text in rows.values_list(name, flat=True)[:ENOUGH])
    factors = Authenticator.objects.filter(type=Authenticator.Type.TOTP).order_by("-pk")
    for data in factors.values_list("data", flat=True)[:ENOUGH]:
        yield "authenticator secret", data["secret"]


def encrypted_columns() -> Iterator[tuple[type[Model], str]]:
    """Every (model, field) whose values are encrypted at rest."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.name.startswith(ENCRYPTED):
                yield model, field.name


def _opens(text: str) -> bool:
    try:
        decrypt(text)
    except InvalidToken:
        return False
    return True
