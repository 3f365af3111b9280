"""FFI: a machine is identified by a registered certificate, whatever else it shows."""

import pytest
from django.core.exceptions import ValidationError

from tests.support import certificates, world
from tests.support.assertions import not_identified, nothing_stored
from tests.support.certificates import issue, issuing

requirement = pytest.mark.requirement
GRANT = {"grant_type": "client_credentials", "scope": "core"}


def serves(tpp, **changes):
    return tpp.token(**GRANT | changes).status_code == 200


@pytest.fixture(params=["requestor", "by_certificate"])
def machine(request):
    """Either kind of client: what follows holds for both."""
    return request.getfixturevalue(request.param)


@requirement("FFI-1", "FFI-5", "FFI-6")
def test_a_machine_is_identified(machine):
    assert serves(machine)


@requirement("FFI-5")
@pytest.mark.parametrize("subject", ["CN=another,O=Test,C=AE", "O=Test,C=AE", "CN=by-certificate"])
def test_the_subject_is_the_registered_one(by_certificate, subject):
    assert serves(by_certificate)
    by_certificate.client.tls_client_auth_subject_dn = subject
    by_certificate.client.save()

    with nothing_stored():
        not_identified(by_certificate.token(**GRANT))


@requirement("FFI-6")
def test_an_assertion_is_for_this_issuer_and_used_once(requestor):
    assertion = requestor.authentication()
    for aud in ("https://as.example.com/openfinance", [requestor.ecosystem.issuer]):
        not_identified(requestor.token(**GRANT, assertion={"aud": aud}))

    assert requestor.post("/token", GRANT | assertion).status_code == 200
    with nothing_stored():
        not_identified(requestor.post("/token", GRANT | assertion))


@requirement("FFI-6a", "FFI-1")
def test_an_assertion_does_not_replace_the_certificate(requestor):
    assert serves(requestor)

    with nothing_stored():
        not_identified(requestor.with_certificate(None).token(**GRANT))


@requirement("FFI-1", "FFI-2", "FFI-3")
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda name: issue("somebody", by=issuing()), id="of the CA, not registered"),
        pytest.param(lambda name: issue(name), id="self-signed in the name"),
        pytest.param(lambda name: issue(name, by=issue("Other CA", ca=True)), id="of another CA"),
        pytest.param(lambda name: certificates.transport("other"), id="of another client"),
    ],
)
def test_another_certificate_is_refused(machine, make_tpp, make):
    make_tpp("other", machine.ecosystem, grant_types=["client_credentials"], scopes=["core"])
    assert serves(machine)

    with nothing_stored():
        not_identified(machine.with_certificate(make(machine.client_id)).token(**GRANT))


@requirement("FFI-3")
def test_two_certificates_are_valid_at_once(machine):
    renewed = issue(machine.client_id, by=issuing())
    world.register_certificate(machine.client, renewed)

    assert serves(machine)
    assert serves(machine.with_certificate(renewed))


@requirement("FFI-17", "FFI-18")
def test_an_address_is_an_addition_only(machine):
    machine.client.allowed_addresses = ["192.0.2.0/24"]
    machine.client.full_clean()
    machine.client.save()
    home, abroad = {"X-Real-IP": "192.0.2.7"}, {"X-Real-IP": "198.51.100.7"}

    form = GRANT | machine.authentication()
    assert machine.post("/token", form, **home).status_code == 200
    with nothing_stored():
        not_identified(machine.post("/token", GRANT | machine.authentication(), **abroad))
        bare = machine.with_certificate(None)
        not_identified(bare.post("/token", GRANT | machine.authentication(), **home))
        not_identified(bare.post("/token", GRANT | {"client_id": machine.client_id}, **home))


@requirement("FFI-18", "FFI-5")
@pytest.mark.parametrize("method", ["none", "", "client_secret_basic", "ip_address"])
def test_no_client_can_be_registered_without_a_key(requestor, method):
    requestor.client.allowed_addresses = ["192.0.2.7"]
    requestor.client.full_clean()
    requestor.client.token_endpoint_auth_method = method

    with pytest.raises(ValidationError) as refusal:
        requestor.client.full_clean()
    assert "token_endpoint_auth_method" in refusal.value.message_dict


@requirement("FFI-2", "FFI-5")
def test_a_self_signed_certificate_cannot_be_registered_as_the_credential(by_certificate):
    by_certificate.client.full_clean()
    by_certificate.client.token_endpoint_auth_method = "self_signed_tls_client_auth"
    by_certificate.client.tls_client_auth_subject_dn = ""

    with pytest.raises(ValidationError) as refusal:
        by_certificate.client.full_clean()
    assert "FFI-5" in str(refusal.value.message_dict["token_endpoint_auth_method"])
