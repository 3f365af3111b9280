"""The certificate that binds a token, presented beside an assertion, under different profiles."""

import pytest

from authserver.audit.models import Refusal
from clients.models import ClientCertificate
from tests.support import certificates, world
from tests.support.assertions import not_identified, nothing_stored
from tests.support.certificates import issue, issuing

requirement = pytest.mark.requirement


@pytest.fixture(params=["cbuae", "ffi"])
def strict(request, db, make_tpp):
    """A client of an ecosystem that wants a registered certificate everywhere."""
    ecosystem = world.ecosystem("strict", profile=request.param)
    return make_tpp("strict", ecosystem)


@requirement("CBUAE-2.3b", "FFI-6a")
def test_a_registered_certificate_beside_the_assertion_is_served(strict, token_endpoint):
    assert token_endpoint.serves(strict)


@requirement("CBUAE-2.3b", "FFI-6a", "FFI-1")
def test_the_assertion_alone_is_not_enough(strict, endpoint):
    with nothing_stored():
        not_identified(endpoint.call(strict.with_certificate(None)))


@requirement("FFI-1", "FFI-2", "FFI-3")
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: issue("strict", by=issuing()), id="trusted, not registered"),
        pytest.param(lambda: issue("strict"), id="self-signed"),
        pytest.param(lambda: issue("strict", by=issue("Other", ca=True)), id="of another CA"),
        pytest.param(lambda: certificates.transport("other"), id="another client's"),
    ],
)
def test_any_other_certificate_is_refused(strict, endpoint, make_tpp, make):
    make_tpp("other", strict.ecosystem)

    with nothing_stored():
        not_identified(endpoint.call(strict.with_certificate(make())))


@requirement("FFI-3", "PRODUCT-2")
def test_several_certificates_are_valid_at_once(strict, token_endpoint):
    renewed = issue("strict", by=issuing())
    registered = world.register_certificate(strict.client, renewed)

    assert token_endpoint.serves(strict)
    assert token_endpoint.serves(strict.with_certificate(renewed))
    ClientCertificate.objects.filter(pk=registered.pk).update(state="revoked")
    not_identified(token_endpoint.call(strict.with_certificate(renewed)))
    assert token_endpoint.serves(strict)


@requirement("FFI-2")
def test_a_registered_certificate_must_still_be_of_a_trusted_ca(strict, endpoint):
    strict.ecosystem.trust_anchors.all().delete()

    not_identified(endpoint.call(strict))


@requirement("RFC7523-3")
def test_the_assertion_is_used_up_by_a_call_with_the_wrong_certificate(strict, token_endpoint):
    """Whoever sees an assertion on its way must not get a second try at it."""
    proof = strict.authentication()
    wrong = strict.with_certificate(issue("strict"))
    not_identified(token_endpoint.call(wrong, authentication=proof))

    not_identified(token_endpoint.call(strict, authentication=proof))


@requirement("MTLS-3")
def test_under_fapi_any_certificate_binds(tpp, endpoint):
    assert endpoint.serves(tpp.with_certificate(issue("anybody")))


@requirement("FFI-3")
def test_a_client_may_pin_its_certificates(tpp, endpoint):
    tpp.client.pin_certificates = True
    tpp.client.save()

    assert endpoint.serves(tpp)
    not_identified(endpoint.call(tpp.with_certificate(issue("tpp", by=issuing()))))


@requirement("CBUAE-2.3b", "FFI-6a")
def test_who_proved_a_key_can_find_out_why_the_rest_was_refused(strict, token_endpoint):
    not_identified(token_endpoint.call(strict.with_certificate(None)))
    kept = Refusal.objects.get()
    assert (kept.client_id, kept.error) == ("strict", "invalid_client")
    assert (kept.expected, kept.seen) == ("a client certificate", "none")

    stranger = strict.authentication(key=world.rsa_key("stranger"))
    not_identified(strict.post("/token", stranger | {"grant_type": "client_credentials"}))
    assert Refusal.objects.count() == 1
