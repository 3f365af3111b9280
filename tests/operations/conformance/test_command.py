"""``deploy.conformance.configure``: what it registers is what it prints."""

import json
import time
import uuid
from urllib.parse import urlencode

import pytest
from django.core.checks import run_checks
from joserfc import jwt
from joserfc.jwk import RSAKey

from authserver.audit.models import AuditEvent
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.specs import mtls
from clients.models import Client
from deploy.conformance.configure import main
from deploy.conformance.plans import MESSAGE_SIGNING, SECURITY_PROFILE, every_run
from tests.support import rsa_keys
from tests.support.tpp import ASSERTION_TYPE, FORM, VALID_REQUEST

SUITE = "https://suite.example.com:9443"
RESOURCE = "https://localhost:18445"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("conformance")


def arguments(**options):
    return [text for name, value in options.items() for text in (f"--{name}", str(value))]


@pytest.fixture
def configure(folder, db, keys_at_hand, capsys):
    """Run the program for the valid variant with the changes named; returns what it prints."""

    def run(**changes):
        options = {"plan": SECURITY_PROFILE, "suite": SUITE, "folder": folder, "alias": "mine"}
        with rsa_keys.instead_of_new_files("kit"):
            fault = main(arguments(**options | changes))
        if fault:
            raise Refused(fault)
        return json.loads(capsys.readouterr().out)

    return run


class Refused(Exception):
    """The program ends with a sentence."""


def push(http, configuration, *, key=None, **changes):
    """Push the valid request as the suite's first client."""
    client = configuration["client"]
    issuer = configuration["server"]["discoveryUrl"].partition("/.well-known")[0]
    now = int(time.time())
    claims = {
        "iss": client["client_id"],
        "sub": client["client_id"],
        "aud": issuer,
        "jti": str(uuid.uuid4()),
        "exp": now + 60,
    }
    key = RSAKey.import_key(key or client["jwks"]["keys"][0])
    assertion = jwt.encode({"alg": "PS256", "kid": "first"}, claims, key, algorithms=["PS256"])
    form = VALID_REQUEST | {
        "redirect_uri": f"{SUITE}/test/a/mine/callback",
        "scope": client["scope"],
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }
    return http.post("/conformance-sp/par", urlencode(form | changes), content_type=FORM)


def test_the_printed_client_can_push_a_request(configure, client):
    response = push(client, configure())
    assert response.status_code == 201, response.content


def test_another_key_is_not_the_clients(configure, client):
    configuration = configure()
    response = push(client, configuration, key=configuration["client2"]["jwks"]["keys"][0])
    assert response.json()["error"] == "invalid_client"


@pytest.mark.parametrize("query", ["", "?dummy1=lorem&dummy2=ipsum"])
def test_both_redirect_uris_of_the_suite_are_registered(configure, client, query):
    callback = f"{SUITE}/test/a/mine/callback{query}"
    assert push(client, configure(), redirect_uri=callback).status_code == 201


def test_a_redirect_uri_beside_them_is_not(configure, client):
    response = push(client, configure(), redirect_uri=f"{SUITE}/test/a/other/callback")
    assert response.json()["error"] == "invalid_request"


def test_a_second_time_changes_nothing(configure):
    first = configure()
    events = AuditEvent.objects.count()
    assert configure() == first
    assert AuditEvent.objects.count() == events
    assert Client.objects.filter(client_id__startswith="mine-").count() == 2


def test_one_factor_is_enough_there_and_the_production_checks_say_so(configure):
    assert not weak()
    configure()
    assert weak() == ["a password alone is enough to sign in at conformance-sp"]
    Ecosystem.objects.update(is_active=False)
    assert not weak()


def weak():
    found = run_checks(include_deployment_checks=True, tags=["security"])
    return [check.msg for check in found if check.id == "authserver.W001"]


# One run for each way in which a registration can differ.
REGISTRATIONS = {
    (
        run.ecosystem,
        run.variant.has_a_person,
        run.authentication_method,
        run.variant.sender_constrain,
    ): run
    for run in every_run()
}


@pytest.mark.parametrize(
    "run", [*REGISTRATIONS.values()], ids=lambda run: f"{run.alias}-{run.front}"
)
def test_every_run_can_be_registered(configure, run):
    variant = ",".join(f"{name}={value}" for name, value in run.variant.named.items())
    made = configure(
        plan=run.plan, variant=variant, ecosystem=run.ecosystem, front=run.front, alias=""
    )
    client = Client.objects.get(client_id=made["client"]["client_id"])
    assert client.is_allowed_in
    assert client.token_endpoint_auth_method == run.authentication_method
    assert client.certificates.get().thumbprint == mtls.parse_pem(made["mtls"]["cert"]).thumbprint
    assert client.participant.ecosystem.profile == run.profile
    assert client.dpop_bound_access_tokens == (run.variant.sender_constrain == "dpop")
    assert client.require_signed_request_object == run.variant.is_signed


def test_keys_come_from_the_resource_where_the_profile_takes_none_by_value(configure):
    variant = (
        "fapi_profile=cbuae,authorization_request_type=rar,"
        "fapi_request_method=signed_non_repudiation,fapi_response_mode=plain_response"
    )
    made = configure(plan=MESSAGE_SIGNING, variant=variant)
    client = Client.objects.get(client_id=made["client"]["client_id"])
    assert client.client_jwks is None
    assert client.client_jwks_uri == f"{RESOURCE}/keys/first/jwks.json"


@pytest.mark.parametrize(
    "wrong",
    [
        {"plan": "oidcc-basic-certification-test-plan"},
        {"variant": "client_auth_type"},
        {"variant": "colour=blue"},
        {"ecosystem": "uae"},
    ],
)
def test_what_it_does_not_know_is_refused_and_nothing_is_stored(configure, wrong):
    with pytest.raises(Refused):
        configure(**wrong)
    assert not Ecosystem.objects.exists()


def test_the_file_is_readable_by_its_owner_alone(configure, folder, capsys):
    out = folder / "mine.json"
    options = {"plan": SECURITY_PROFILE, "suite": SUITE, "alias": "mine", "folder": folder}

    assert main(arguments(**options, out=out)) is None

    assert json.loads(out.read_text())["alias"] == "mine"
    assert out.stat().st_mode & 0o077 == 0
    assert not capsys.readouterr().out
