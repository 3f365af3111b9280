"""tls_client_auth and self_signed_tls_client_auth (RFC 8705, 2). Cases MT-nn."""

from base64 import b64encode
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from authserver.ecosystems.models import TrustAnchor
from authserver.protocol.specs import mtls
from clients.models import ClientCertificate
from tests.support import certificates, world
from tests.support.assertions import not_identified, nothing_stored
from tests.support.certificates import issue, issuing

case = pytest.mark.case
requirement = pytest.mark.requirement
SUBJECT = "CN=tls,O=Test,C=AE"


def trust(ecosystem, issued, kind="root"):
    parsed = mtls.parse_pem(issued.pem)
    return TrustAnchor.objects.create(
        ecosystem=ecosystem,
        kind=kind,
        certificate=issued.pem,
        subject=parsed.subject,
        thumbprint=parsed.thumbprint,
        not_after=parsed.not_after,
    )


@pytest.fixture
def tls(openfinance, bank, make_tpp):
    """A client that authenticates by the subject of its certificate."""
    return make_tpp(
        "tls",
        openfinance,
        token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_subject_dn=SUBJECT,
    )


@pytest.fixture
def unregistered(tls):
    """The same, before any certificate of it was registered."""
    tls.client.certificates.all().delete()
    return tls


@requirement("MTLS-2.1", "FFI-1")
def test_a_client_with_its_certificate_is_served(tls, endpoint):
    assert endpoint.serves(tls)


@requirement("MTLS-2.1")
def test_a_trusted_certificate_with_its_name_is_enough(unregistered, endpoint):
    assert endpoint.serves(unregistered)


@case("MT-01")
@requirement("MTLS-2", "FFI-1")
def test_a_certificate_must_be_presented(tls, endpoint):
    with nothing_stored():
        not_identified(endpoint.call(tls.with_certificate(None)))


@requirement("MTLS-2")
def test_the_client_id_must_be_sent(tls, endpoint):
    not_identified(endpoint.call(tls, authentication={}))


@case("MT-07")
@requirement("MTLS-2.1.2", "FFI-3")
def test_another_clients_certificate_is_refused(tls, other_tpp, endpoint):
    with nothing_stored():
        not_identified(endpoint.call(tls.with_certificate(other_tpp.certificate)))


@requirement("MTLS-2.1", "FFI-2")
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: issue("tls"), id="MT-10 self-signed"),
        pytest.param(lambda: issue("tls", by=issue("Test Issuing CA", ca=True)), id="MT-11"),
        pytest.param(
            lambda: issue("tls", by=issuing(), ends=timedelta(seconds=-1)), id="MT-08 expired"
        ),
        pytest.param(
            lambda: issue("tls", by=issuing(), starts=timedelta(hours=1)), id="MT-08 too early"
        ),
        pytest.param(lambda: issue("tls", by=issuing(), usages=()), id="MT-12"),
        pytest.param(lambda: issue("tls", by=certificates.transport("tpp")), id="MT-13"),
        pytest.param(lambda: issue("tls2", by=issuing()), id="another name"),
    ],
)
def test_a_certificate_with_a_fault_is_refused(unregistered, endpoint, make):
    assert endpoint.serves(unregistered)

    with nothing_stored():
        not_identified(endpoint.call(unregistered.with_certificate(make())))


@case("MT-11")
@requirement("FFI-3")
def test_another_trusted_ca_cannot_give_its_name_away(tls, endpoint):
    second = issue("Second Root", ca=True)
    trust(tls.ecosystem, second)
    impostor = issue("tls", by=second)

    with nothing_stored():
        not_identified(endpoint.call(tls.with_certificate(impostor)))
    tls.client.certificates.all().delete()
    assert endpoint.serves(tls.with_certificate(impostor))


@case("MT-11")
def test_a_trusted_ca_of_the_same_name_is_another_ca(tls, endpoint):
    twin = issue("Test Issuing CA", by=certificates.root(), ca=True)
    trust(tls.ecosystem, twin, kind="issuing")

    not_identified(endpoint.call(tls.with_certificate(issue("tls", by=twin))))


@case("MT-24")
@requirement("PRODUCT-2")
def test_a_renewed_certificate_of_the_same_ca_works_at_once(tls, endpoint):
    assert endpoint.serves(tls.with_certificate(issue("tls", by=issuing())))
    assert endpoint.serves(tls)


@case("MT-24")
@requirement("FFI-3")
def test_where_certificates_are_pinned_a_renewed_one_is_registered_first(tls, endpoint):
    tls.client.pin_certificates = True
    tls.client.save()
    renewed = issue("tls", by=issuing())
    assert endpoint.serves(tls)
    not_identified(endpoint.call(tls.with_certificate(renewed)))

    world.register_certificate(tls.client, renewed)
    assert endpoint.serves(tls.with_certificate(renewed))
    assert endpoint.serves(tls)


@case("MT-09")
@requirement("FFI-3")
def test_a_revoked_certificate_is_refused_at_once(tls, endpoint):
    assert endpoint.serves(tls)

    tls.client.certificates.update(state=ClientCertificate.State.REVOKED)
    not_identified(endpoint.call(tls))


@requirement("FFI-2")
def test_a_ca_that_is_taken_away_is_gone_at_once(unregistered, endpoint):
    assert endpoint.serves(unregistered)

    unregistered.ecosystem.trust_anchors.filter(kind="root").delete()
    not_identified(endpoint.call(unregistered))


@requirement("FFI-2")
def test_another_ecosystems_ca_counts_nothing(unregistered, uae, endpoint):
    second = issue("Second Root", ca=True)
    trust(uae, second)

    not_identified(endpoint.call(unregistered.with_certificate(issue("tls", by=second))))


ALTERNATIVE = issue(
    "somebody",
    by=issuing(),
    names=(
        x509.DNSName("tls.example.com"),
        x509.UniformResourceIdentifier("https://tls.example.com/"),
        x509.IPAddress(ip_address("192.0.2.7")),
        x509.RFC822Name("ops@tls.example.com"),
    ),
)


@case("MT-17")
@requirement("MTLS-2.1.2")
@pytest.mark.parametrize(
    ("kind", "name", "other"),
    [
        ("dns", "tls.example.com", "example.com"),
        ("uri", "https://tls.example.com/", "https://tls.example.com"),
        ("ip", "192.0.2.7", "192.0.2.8"),
        ("email", "ops@tls.example.com", "tls.example.com"),
    ],
)
def test_an_alternative_name_may_be_registered_instead(
    openfinance, bank, make_tpp, token_endpoint, kind, name, other
):
    field = f"tls_client_auth_san_{kind}"
    tls = make_tpp(
        "tls", openfinance, token_endpoint_auth_method="tls_client_auth", **{field: name}
    )

    assert token_endpoint.serves(tls.with_certificate(ALTERNATIVE))
    not_identified(token_endpoint.call(tls))
    setattr(tls.client, field, other)
    tls.client.save()
    not_identified(token_endpoint.call(tls.with_certificate(ALTERNATIVE)))


@requirement("MTLS-2.1.2")
@pytest.mark.parametrize(
    "names",
    [
        pytest.param({"tls_client_auth_san_dns": "tls.example.com"}, id="MT-18 two names"),
        pytest.param({"tls_client_auth_subject_dn": ""}, id="no name"),
    ],
)
def test_exactly_one_name_is_registered(tls, token_endpoint, names):
    for field, value in names.items():
        setattr(tls.client, field, value)
    tls.client.save()

    not_identified(token_endpoint.call(tls))


@case("CA-56")
@requirement("FAPI2-SP-FINAL-5.3.2.1-6")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda tls: _set(tls.client, state="suspended"), id="a suspended client"),
        pytest.param(lambda tls: _set(tls.client.participant, state="suspended"), id="participant"),
        pytest.param(lambda tls: _set(tls.client, client_id="renamed"), id="an unknown client"),
        pytest.param(
            lambda tls: _set(tls.client, token_endpoint_auth_method="private_key_jwt"),
            id="another method",
        ),
    ],
)
def test_everybody_gets_the_same_answer(tls, endpoint, change):
    known = endpoint.call(tls.with_certificate(issue("tls")))
    assert endpoint.serves(tls)
    proof = tls.authentication()

    change(tls)
    answer = endpoint.call(tls, authentication=proof)

    not_identified(answer)
    assert answer.content == known.content


def _set(row, **values):
    type(row).objects.filter(pk=row.pk).update(**values)


@requirement("FAPI2-SP-FINAL-5.3.2.1-6")
def test_the_method_is_the_registered_one(tls, tpp, endpoint):
    _set(tls.client, client_jwks={"keys": [world.rsa_key("tls").as_dict(private=False)]})
    by_assertion = tpp.authentication(
        iss="tls", sub="tls", key=world.rsa_key("tls"), header={"kid": "tls-key"}
    )

    not_identified(endpoint.call(tls, authentication=by_assertion))
    not_identified(endpoint.call(tpp, authentication={"client_id": "tpp"}))


@requirement("CBUAE-2.1.3")
def test_the_profile_must_offer_the_method(uae, make_tpp, token_endpoint):
    tls = make_tpp("tls", uae)
    assert token_endpoint.serves(tls)

    tls.client.token_endpoint_auth_method = "tls_client_auth"
    tls.client.tls_client_auth_subject_dn = SUBJECT
    tls.client.save()
    not_identified(token_endpoint.call(tls))


@pytest.fixture
def self_signed(openfinance, bank, make_tpp):
    """A client that authenticates by a certificate that nobody vouches for."""
    made = make_tpp(
        "self", openfinance, token_endpoint_auth_method="self_signed_tls_client_auth"
    ).with_certificate(issue("self"))
    made.client.certificates.all().delete()
    world.register_certificate(made.client, made.certificate)
    return made


@requirement("MTLS-2.2")
def test_a_registered_self_signed_certificate_is_served(self_signed, endpoint):
    assert endpoint.serves(self_signed)


@requirement("MTLS-2.2")
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda own: issue("self"), id="another key"),
        pytest.param(lambda own: issue("self", key=own.key), id="another one of the same key"),
        pytest.param(lambda own: issue("self", by=issuing()), id="one of a trusted CA"),
        pytest.param(lambda own: None, id="none"),
    ],
)
def test_any_other_certificate_is_refused(self_signed, endpoint, make):
    other = self_signed.with_certificate(make(self_signed.certificate))

    with nothing_stored():
        not_identified(endpoint.call(other))


@requirement("MTLS-2.2")
def test_a_self_signed_certificate_can_be_revoked_and_expires(self_signed, endpoint):
    expired = issue("self", starts=timedelta(days=-2), ends=timedelta(seconds=-1))
    world.register_certificate(self_signed.client, expired)
    assert endpoint.serves(self_signed)
    not_identified(endpoint.call(self_signed.with_certificate(expired)))

    self_signed.client.certificates.update(state=ClientCertificate.State.REVOKED)
    not_identified(endpoint.call(self_signed))


@case("MT-15")
@requirement("MTLS-2.2")
def test_a_registered_certificate_with_a_weak_key_is_refused(self_signed, token_endpoint):
    key: Any = rsa.generate_private_key(65537, 1024)  # noqa: S505
    weak = issue("self", key=key)
    world.register_certificate(self_signed.client, weak)

    assert token_endpoint.serves(self_signed)
    not_identified(token_endpoint.call(self_signed.with_certificate(weak)))


@requirement("MTLS-2.2.2")
def test_it_may_be_registered_among_the_clients_keys(self_signed, endpoint):
    in_jwks = issue("self")
    key = {"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}
    self_signed.client.client_jwks = {
        "keys": [
            5,
            {"x5c": "text"},
            {"x5c": [5]},
            {"x5c": ["%%%"]},
            key | {"x5c": [b64encode(in_jwks.der).decode()]},
        ]
    }
    self_signed.client.save()

    assert endpoint.serves(self_signed.with_certificate(in_jwks))
    not_identified(endpoint.call(self_signed.with_certificate(issue("self"))))
    nothing_usable: list[object] = [None, 5, [], {"keys": 5}, {}]
    for broken in nothing_usable:
        _set(self_signed.client, client_jwks=broken)
        not_identified(endpoint.call(self_signed.with_certificate(in_jwks)))
