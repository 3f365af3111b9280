"""Whatever is encrypted at rest is tried at the start: every column, and what another app keeps."""

import ast
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.checks import Error

import authserver
from authserver.accounts import actions
from authserver.checks.stored_secrets import encrypted_columns, stored_secrets_open
from authserver.keys.models import SigningKey
from authserver.storage import encryption
from clients.models import ResourceServer
from tests.support import world
from tests.support.authenticator_app import App

pytestmark = [pytest.mark.case("AD-12"), pytest.mark.django_db]
TOP = Path(authserver.__file__).resolve().parents[1]


def a_signing_key():
    world.ecosystem("raw", profile="fapi2-security")


def an_account_source():
    made = world.bank(world.ecosystem("raw", profile="fapi2-security"))
    made.account_source_token = "the bank's token"
    made.save()
    SigningKey.objects.all().delete()


def a_second_factor():
    actions.add_second_factor(world.person("mariam"), secret=App.secret, by="test")


MADE = {
    "signing key private key": a_signing_key,
    "resource server account source token": an_account_source,
    "authenticator secret": a_second_factor,
}
ALL = pytest.mark.parametrize("kind", MADE)


def messages():
    return [(each.id, each.msg) for each in stored_secrets_open(None)]


@ALL
def test_a_kind_that_no_key_opens_is_refused_where_it_is_all_there_is(settings, kind):
    MADE[kind]()
    assert messages() == []

    settings.KEY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    [(name, _)] = messages()
    assert name == "authserver.E014"
    assert isinstance(stored_secrets_open(None)[0], Error)


@ALL
def test_a_kind_that_no_key_opens_is_named_beside_others(settings, kind):
    MADE[kind]()
    key = settings.KEY_ENCRYPTION_KEYS
    settings.KEY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    other = world.ecosystem("other", profile="fapi2-security")
    other.signing_keys.update(encrypted_private_key=encryption.encrypt("the key"))

    [(name, message)] = messages()

    assert name == "authserver.W003"
    assert message.endswith(f"in the database: {kind}")
    settings.KEY_ENCRYPTION_KEYS += key
    assert messages() == []


def test_what_is_never_opened_again_is_no_reason(settings):
    a_signing_key()
    SigningKey.objects.update(state=SigningKey.State.WITHDRAWN)
    settings.KEY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    assert messages() == []


def test_a_secret_that_was_sealed_for_another_address_opens(settings):
    an_account_source()
    ResourceServer.objects.update(account_source_url="https://elsewhere.example.com")

    assert messages() == []


def test_every_encrypted_column_is_tried_here():
    columns = {
        f"{model._meta.verbose_name} {name.removeprefix('encrypted_')}".replace("_", " ")
        for model, name in encrypted_columns()
    }

    assert columns | {"authenticator secret"} == set(MADE)


def test_whoever_encrypts_stores_it_where_it_is_tried():
    """A new caller names its column ``encrypted_...``, or is looked for by the check itself."""
    callers = {
        str(path.relative_to(TOP))
        for package in ("authserver", "clients", "consents")
        for path in (TOP / package).rglob("*.py")
        if "migrations" not in path.parts and encrypts(ast.parse(path.read_text()))
    }

    assert callers == {
        "authserver/accounts/adapters.py",  # the secret of an authenticator
        "authserver/storage/encryption.py",
        "authserver/keys/actions.py",
        "clients/resource_server.py",
        # Not stored in a row of ours: the session holds it until the code is right.
        "authserver/accounts/forms.py",
    }


def encrypts(tree):
    return any(
        isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in ("encrypt", "sealed")
        for node in ast.walk(tree)
    )
