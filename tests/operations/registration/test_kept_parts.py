"""What is kept with a copy is read of rows that change its version, and of no others."""

import ast
import re
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from authserver.ecosystems.revocation import is_required_in
from authserver.keys.signing import active_key
from authserver.protocol.jose import KeyName
from authserver.tokens import audience, validity
from authserver.tokens.models import AccessToken
from clients import jwks, mutual_tls, registration
from clients.certificates import anchors_of
from clients.models import Client
from clients.versions import VERSIONED

case = pytest.mark.case

TOP = Path(__file__).parents[3]
TABLE = re.compile(r'(?:FROM|JOIN) "(\w+)"')
TABLES = {model._meta.db_table for changed_by in VERSIONED.values() for model in changed_by}
# Every use of kept_with, by what it is kept for. A token's keys are two: its signer's, its owner's.
READ = {
    "clients/jwks.py": lambda client: jwks.keys_of(client, name=KeyName(), now=timezone.now()),
    "clients/mutual_tls.py": lambda client: mutual_tls.certificates_of(client),
    "clients/certificates.py": lambda client: anchors_of(client.ecosystem),
    "authserver/ecosystems/revocation/status.py": lambda client: is_required_in(client.ecosystem),
    "authserver/keys/signing.py": lambda client: active_key(client.ecosystem, "PS256"),
    "authserver/tokens/audience.py": lambda client: audience.active_servers(client.ecosystem),
    "authserver/tokens/validity.py": lambda client: validity.by_registered_keys(
        AccessToken(), client
    ),
}


def uses(path):
    tree = ast.parse(path.read_text())
    calls = (each for each in ast.walk(tree) if isinstance(each, ast.Call))
    return [each for each in calls if getattr(each.func, "id", "") == "kept_with"]


def test_no_use_is_left_out():
    tops = ("authserver", "clients", "consents")
    modules = (path for top in tops for path in TOP.glob(f"{top}/**/*.py"))
    counted = {str(path.relative_to(TOP)): len(uses(path)) for path in modules}

    assert {path: times for path, times in counted.items() if times} == dict.fromkeys(READ, 1)


@case("IR-04")
@pytest.mark.parametrize("use", READ)
def test_it_is_read_of_what_changes_the_version(tpp, use):
    ecosystem = registration.ecosystem_named(tpp.ecosystem.slug)
    assert ecosystem is not None
    client = registration.claimed(tpp.client.client_id, ecosystem).client
    assert isinstance(client, Client)

    with CaptureQueriesContext(connection) as asked:
        READ[use](client)

    tables = {table for each in asked for table in TABLE.findall(each["sql"])}
    assert tables <= TABLES
    with CaptureQueriesContext(connection) as asked_again:
        READ[use](client)
    assert not len(asked_again)
