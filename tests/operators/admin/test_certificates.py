"""Certificates are pasted: a sound one of the client is kept, everything else is told apart."""

from datetime import timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.utils import timezone

from authserver.protocol.profiles.names import ALTERNATIVE_NAMES, SUBJECT
from clients.admin import readiness
from clients.models import Client, ClientCertificate
from tests.support import certificates, world
from tests.support.operator import (
    errors_of,
    events_since,
    last_event,
    mark,
    messages_of,
    page,
    saved,
)

case = pytest.mark.case
requirement = pytest.mark.requirement


def issued(**changes):
    return certificates.issue("new", **{"by": certificates.issuing(), **changes})


def pasted(operator, client, pem):
    return operator.adds(ClientCertificate, client=client.pk, pem=pem)


@case("AD-20")
@requirement("FFI-2", "FFI-3")
def test_a_pasted_certificate_is_registered_and_shown(operator, tpp):
    new = issued()
    before = mark()

    response = pasted(operator, tpp.client, f"\n{new.pem}\n")

    row = ClientCertificate.objects.get(client=tpp.client, subject__contains="CN=new")
    assert saved(response) == page(ClientCertificate, "change", row.pk)
    assert events_since(before) == ["certificate.registered"]
    assert last_event().actor == "operator"
    assert last_event().facts["thumbprint"] == row.thumbprint
    assert last_event().facts["changed"]["pem"][1].startswith("sha256:")
    shown = operator.get(response["Location"]).content.decode()
    for text in (row.thumbprint, row.subject, row.issuer, row.serial_number, "EC, 256 bits"):
        assert text in shown


@requirement("FFI-3")
def test_several_certificates_are_valid_at_once(operator, tpp):
    pasted(operator, tpp.client, issued().pem)

    active = tpp.client.certificates.filter(state="active")
    assert active.count() == 2


@case("AD-20")
@requirement("FFI-2")
@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: "hello", "No PEM certificate: -----BEGIN CERTIFICATE----- is missing."),
        (
            lambda: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "This is not a certificate that can be read.",
        ),
        (
            lambda: issued().pem + issued().pem,
            "This contains several certificates; paste one at a time.",
        ),
        (lambda: issued(ends=timedelta(hours=-1)).pem, "It expired on"),
        (lambda: issued(starts=timedelta(days=1)).pem, "It is not valid before"),
        (
            lambda: issued(ca=True).pem,
            "It is the certificate of a CA, not of a client.",
        ),
        (
            lambda: issued(by=None).pem,
            "It was not issued by a CA that is trusted here.",
        ),
        (
            lambda: issued(by=certificates.issue("Other CA", ca=True)).pem,
            "It was not issued by a CA that is trusted here.",
        ),
        (
            lambda: issued(usages=()).pem,
            "It is not issued for clients: the extended key usage clientAuth.",
        ),
        (
            lambda: issued(key=rsa.generate_private_key(public_exponent=65537, key_size=1024)).pem,  # noqa: S505
            "Its RSA key has 1024 bits",
        ),
        (
            lambda: issued(key=ec.generate_private_key(ec.SECP192R1())).pem,
            "Its key must be RSA, or elliptic on the curve P-256 or P-384.",
        ),
        (lambda: "x" * 20_001, "Ensure this value has at most 20000 characters"),
    ],
    ids=[
        "no certificate",
        "garbage",
        "two",
        "expired",
        "not yet valid",
        "a CA",
        "self-signed",
        "another CA",
        "not for clients",
        "RSA-1024",
        "P-192",
        "too long",
    ],
)
def test_what_cannot_be_registered_is_refused_with_a_sentence(operator, tpp, make, sentence):
    before = mark()

    response = pasted(operator, tpp.client, make())

    assert errors_of(response)["pem"][0].startswith(sentence)
    assert tpp.client.certificates.count() == 1
    assert events_since(before) == []


@case("AD-20")
@pytest.mark.parametrize("first", ["key", "certificate"])
def test_a_private_key_is_neither_kept_nor_sent_back(operator, tpp, first, caplog):
    new = issued()
    both = new.key_pem + new.pem if first == "key" else new.pem + new.key_pem

    response = pasted(operator, tpp.client, both)

    assert errors_of(response)["pem"][0].startswith("This contains a private key.")
    line_of_the_key = new.key_pem.splitlines()[1]
    assert line_of_the_key not in response.content.decode()
    assert line_of_the_key not in caplog.text
    assert tpp.client.certificates.count() == 1


@case("AD-20")
def test_a_megabyte_is_not_even_read(operator, tpp):
    address = page(ClientCertificate, "add")

    response = operator.http.post(address, {"client": tpp.client.pk, "pem": "x" * 1_000_000})

    assert response.status_code == 413


@case("AD-20")
@requirement("FFI-3")
def test_a_certificate_of_another_participant_is_refused(operator, tpp, other_tpp):
    theirs = certificates.transport(other_tpp.client_id)

    response = pasted(operator, tpp.client, theirs.pem)

    assert errors_of(response) == {"pem": ["This certificate belongs to another participant."]}
    assert tpp.client.certificates.count() == 1


@case("AD-20")
def test_a_certificate_is_registered_once_and_not_again_after_it_was_revoked(operator, tpp):
    own = certificates.transport(tpp.client_id)

    response = pasted(operator, tpp.client, own.pem)
    assert errors_of(response) == {"pem": ["This certificate is registered already."]}

    operator.presses(tpp.client.certificates.get(), "revoke")
    response = pasted(operator, tpp.client, own.pem)
    assert errors_of(response) == {
        "pem": ["This certificate was revoked: the client needs a new one."]
    }


@requirement("FFI-3")
def test_another_client_of_the_same_participant_may_share_it(operator, tpp):
    sister = world.client("sister", participant=tpp.client.participant)

    response = pasted(operator, sister, certificates.transport(tpp.client_id).pem)

    assert saved(response)
    assert sister.certificates.count() == 2


@requirement("MTLS-2.2")
def test_a_self_signed_certificate_needs_no_ca(operator, openfinance, make_tpp):
    client = make_tpp(
        "alone", openfinance, token_endpoint_auth_method="self_signed_tls_client_auth"
    ).client

    assert saved(pasted(operator, client, issued(by=None).pem))
    expired = issued(by=None, ends=timedelta(hours=-1))
    assert errors_of(pasted(operator, client, expired.pem))["pem"][0].startswith("It expired on")


@requirement("FFI-3")
def test_revoking_asks_first_says_what_breaks_and_is_recorded(operator, tpp):
    certificate = tpp.client.certificates.get()
    asked = operator.get(page(ClientCertificate, "do", certificate.pk, "revoke"))
    assert "The client has no other certificate that is valid now." in asked.content.decode()
    before = mark()

    operator.presses(certificate, "revoke")

    certificate.refresh_from_db()
    assert certificate.state == "revoked"
    assert events_since(before) == ["certificate.revoked"]
    again = operator.presses(certificate, "revoke")
    assert "not possible any more" in again.content.decode()
    assert events_since(before) == ["certificate.revoked"]


def test_a_certificate_is_never_changed(boss, tpp):
    certificate = tpp.client.certificates.get()
    address = page(ClientCertificate, "change", certificate.pk)

    assert boss.get(address).status_code == 200
    assert boss.http.post(address, {"pem": issued().pem}).status_code == 403
    assert boss.http.post(page(ClientCertificate, "delete", certificate.pk)).status_code == 403


NAMES = {  # field: what the certificate has, what it has not
    "tls_client_auth_subject_dn": ("CN=new,O=Test,C=AE", "CN=another,O=Test,C=AE"),
    "tls_client_auth_san_dns": ("tpp.example.com", "another.example.com"),
    "tls_client_auth_san_uri": ("urn:tpp:new", "urn:tpp:another"),
    "tls_client_auth_san_ip": ("192.0.2.7", "192.0.2.8"),
    "tls_client_auth_san_email": ("it@tpp.example.com", "it@another.example.com"),
}
ALTERNATIVE = (
    x509.DNSName("tpp.example.com"),
    x509.UniformResourceIdentifier("urn:tpp:new"),
    x509.IPAddress(ip_address("192.0.2.7")),
    x509.RFC822Name("it@tpp.example.com"),
)
WARNING = {
    "fits": "",
    "another": "fits none of its certificates",
    "reversed": "in the opposite order",
}


def by_name(ecosystem, **changes):
    """A client without a certificate, that authenticates by this name of one."""
    made = world.client(
        "new",
        participant=world.participant("Newcomer", ecosystem=ecosystem),
        token_endpoint_auth_method="tls_client_auth",
        **{"tls_client_auth_subject_dn": "", "state": "pending"} | changes,
    )
    made.certificates.all().delete()
    return made


@requirement("MTLS-2.1.2")
@pytest.mark.parametrize(
    ("field", "name", "warned"),
    [
        *((field, fits, "fits") for field, (fits, _) in NAMES.items()),
        *((field, other, "another") for field, (_, other) in NAMES.items()),
        ("tls_client_auth_subject_dn", "C=AE,O=Test,CN=new", "reversed"),
    ],
)
def test_a_name_that_no_certificate_has_is_said_wherever_one_looks(
    operator, openfinance, field, name, warned
):
    client = by_name(openfinance, **{field: name})

    response = pasted(operator, client, issued(names=ALTERNATIVE).pem)

    def holds(said):
        assert ("registered" in said) is (warned != "fits"), said
        assert WARNING[warned] in said

    holds(" ".join(messages_of(operator.get(saved(response)))))
    changed = operator.changes(client, name="Another name")
    holds(" ".join(messages_of(operator.get(saved(changed)))))
    holds(" ".join(readiness.missing(client)))
    if warned != "fits":
        shown = operator.get(page(Client, "change", client.pk)).content.decode()
        assert WARNING[warned] in shown
        told = operator.get(page(Client, "do", client.pk, "activate")).content.decode()
        assert "Still missing: The registered" in told


def test_every_name_is_looked_at():
    assert list(NAMES) == [SUBJECT, *ALTERNATIVE_NAMES]


@requirement("MTLS-2.1.2")
def test_the_certificates_that_count_are_those_that_are_valid_now(openfinance):
    client = by_name(openfinance, tls_client_auth_subject_dn="CN=new,O=Test,C=AE")
    fitting = world.register_certificate(client, issued())
    world.register_certificate(client, certificates.issue("other", by=certificates.issuing()))
    assert readiness.missing(client) == []

    for changes in ({"state": "revoked"}, {"not_after": timezone.now()}):
        stored = ClientCertificate.objects.filter(pk=fitting.pk)
        stored.update(**{"state": "active", "not_after": fitting.not_after} | changes)
        [sentence] = readiness.missing(client)
        assert "fits none of its certificates" in sentence

    client.token_endpoint_auth_method = "private_key_jwt"
    assert readiness.missing(client) == []
