"""Whatever the server fetches goes through one guarded client, and nothing else reaches out."""

import json

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import URLField

from docs.generator.source import PRODUCT, ROOT, modules
from tests.architecture.findings import assert_none
from tests.architecture.layers import SOURCES, calls_of, imports_of, is_in

case = pytest.mark.case

OUTBOUND = "authserver.outbound"
REACH_OUT = {
    "aiohttp",
    "asyncio",
    "django.core.mail",
    "ftplib",
    "http.client",
    "httpcore",
    "httpx",
    "requests",
    "smtplib",
    "socket",
    "subprocess",
    "urllib.request",
    "urllib3",
    "websockets",
    "xmlrpc",
}

# It asks the addresses of our own settings for the certificate that clients see there.
OURSELVES = "authserver.web.server_certificate"

# Every URL that is stored: fetched by us, or never, each with its reason.
FETCHED = {"clients.Client.client_jwks_uri", "clients.ResourceServer.account_source_url"}
FETCHED_AS_SIGNED = {
    "ecosystems.RevocationList.url"
}  # by http too: tests/operations/outbound/test_signed.py
NEVER_FETCHED = {
    "clients.ClientKeySet.uri": "says which client_jwks_uri the keys beside it came from",
    "clients.Participant.notification_url": "for other participants, who call it",
    "clients.Participant.website": "a link on a page",
    "clients.ResourceServer.identifier": "the audience of tokens, compared",
    "ecosystems.Ecosystem.issuer": "our own",
    "ecosystems.Ecosystem.machine_base": "our own",
    "ecosystems.Ecosystem.privacy_url": "a link on a page",
    "ecosystems.Ecosystem.terms_url": "a link on a page",
}
NAMES_OF_ADDRESSES = ("_uri", "_url", "_uris", "_urls")
NOT_FETCHED_EITHER = {
    "clients.Client.redirect_uris": "where a browser is sent, never we",
    "clients.Client.tls_client_auth_san_uri": "a name in a certificate, compared",
    "tokens.AuthorizationCode.redirect_uri": "compared with the one that was pushed",
}


def stored_addresses():
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if not model.__module__.startswith(("django", "allauth", "oauth2_provider"))
        for field in model._meta.get_fields()
        if isinstance(field, URLField) or f"_{field.name}".endswith(NAMES_OF_ADDRESSES)
    }


@case("JW-27")
def test_nothing_but_the_guarded_client_reaches_out():
    elsewhere = [
        f"{module.name} imports {imported}"
        for module in SOURCES
        if not is_in(module.name, {OUTBOUND, OURSELVES})
        for imported in imports_of(module)
        if is_in(imported, REACH_OUT)
    ]

    assert_none(elsewhere, "imports of what reaches out by itself")
    assert any(is_in(each, {"httpcore"}) for module in SOURCES for each in imports_of(module))


@case("JW-27")
def test_every_stored_address_is_known_to_be_fetched_or_not():
    """A new one has to say which, and a fetched one is then tried below."""
    fetched = FETCHED | FETCHED_AS_SIGNED
    assert stored_addresses() == fetched | set(NEVER_FETCHED) | set(NOT_FETCHED_EITHER)


@case("JW-27")
@pytest.mark.parametrize(
    ("fetch", "expected"),
    [
        ("fetch_json", {"clients/jwks.py", "consents/account_source.py"}),
        ("fetch_signed", {"authserver/ecosystems/revocation/lists.py"}),
    ],
)
def test_three_modules_fetch(fetch, expected):
    callers = {module.path for module in modules(*PRODUCT) if fetch in calls_of(module)}

    assert callers == expected


@case("JW-27")
def test_a_schema_points_into_itself_alone():
    """A validator may fetch what another document's address refers to."""
    schemas = sorted((ROOT / "consents/types/schemas").glob("*.json"))
    found = [
        f"{path.name}: {reference}"
        for path in schemas
        for reference in references(json.loads(path.read_text()))
        if not reference.startswith("#")
    ]

    assert schemas
    assert_none(found, "references out of a schema")


def references(node):
    if isinstance(node, dict):
        yield from (
            node[name] for name in ("$ref", "$dynamicRef") if isinstance(node.get(name), str)
        )
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from references(each)


@case("JW-27", "JW-03", "JW-07")
@pytest.mark.parametrize("address", sorted(FETCHED))
@pytest.mark.parametrize(
    "url",
    [
        "http://keys.example.com/a",
        "ftp://keys.example.com/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/a",
        "https://user@keys.example.com/a",
        "https://keys.example.com/#a",
        "https://keys.example.com:22/a",
        "https://keys.example.com:5432/a",
        "https://keys_.example.com/a",
    ],
)
def test_what_would_never_be_fetched_is_not_stored(address, url, tpp, bank, settings):
    """The same rules when it is registered, for every address, as when it is fetched."""
    label, _, name = address.rpartition(".")
    row = {"clients.Client": tpp.client, "clients.ResourceServer": bank}[label]
    if name == "client_jwks_uri":
        row.client_jwks = None
    setattr(row, name, "https://keys.example.com:8443/a")
    row.clean()

    setattr(row, name, url)
    with pytest.raises(ValidationError) as refusal:
        row.clean()
    assert name in refusal.value.message_dict
    if "//127.0.0.1" in url:
        settings.OUTBOUND_ALLOWED_HOSTS = ["127.0.0.1"]
        row.clean()
