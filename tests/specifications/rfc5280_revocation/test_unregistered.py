"""A token that is bound to a certificate which is no row of ours, and which its CA took back.

The client is known by an assertion or by the name in its certificate: MT-09 holds for it too.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from authserver.ecosystems.models import RevocationList, RevokedCertificate
from authserver.protocol.specs import mtls
from authserver.tokens.models import AccessToken
from clients import registration
from clients.models import ClientCertificate
from tests.support import certificates, world
from tests.support.assertions import refused
from tests.support.certificates import issue, issuing, root

pytestmark = [pytest.mark.case("MT-09"), pytest.mark.requirement("RFC5280-6.3.3")]

BY_NAME = {
    "token_endpoint_auth_method": "tls_client_auth",
    "tls_client_auth_subject_dn": "CN=caller,O=Test,C=AE",
}


@pytest.fixture
def kept(openfinance, ca):
    """The list of the issuing CA is required, kept, and names somebody else."""
    row = ca.is_kept(openfinance)
    ca.publishes(issue("somebody", by=issuing()))
    assert ca.is_asked() == ""
    return row


@pytest.fixture(params=["assertion", "subject DN"])
def caller(request, openfinance, bank, make_tpp):
    """A client with a certificate of a trusted CA that nobody registered."""
    made = make_tpp("caller", openfinance, **(BY_NAME if request.param == "subject DN" else {}))
    made.client.certificates.all().delete()
    made.certificate = issue("caller", by=issuing())
    return made


@pytest.fixture
def elsewhere(rs):
    """The bank, with a certificate of a CA that keeps no list."""
    theirs = issue("theirs", by=issue("Another Root", ca=True))
    rs.client.certificates.all().delete()
    world.register_certificate(rs.client, theirs)
    return rs.with_certificate(theirs)


def by_code(caller, person):
    answer = person.approves(caller, caller.push().json()["request_uri"])
    return caller.redeem(answer["code"]).json()["access_token"]


def by_refreshing(caller, person):
    answer = person.approves(caller, caller.push().json()["request_uri"])
    refresh_token = caller.redeem(answer["code"]).json()["refresh_token"]
    return caller.refresh(refresh_token).json()["access_token"]


def by_itself(caller, person):
    answer = caller.token(grant_type="client_credentials", scope="accounts")
    return answer.json()["access_token"]


GRANTS = pytest.mark.parametrize("obtained", [by_code, by_refreshing, by_itself])


def is_active(rs, token):
    return rs.introspect(token).json()["active"]


@pytest.mark.case("MT-09")
@GRANTS
@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
def test_it_ends_at_introspection_when_its_ca_lists_the_certificate(
    kept, caller, person, rs, ca, bank, obtained, token_format
):
    bank.token_format = token_format
    bank.save(update_fields=["token_format"])
    token = obtained(caller, person)
    twin = obtained(caller.with_certificate(issue("caller", by=issuing())), person)
    assert not ClientCertificate.objects.filter(client=caller.client).exists()
    assert (token.count(".") == 2) is (token_format == "jwt")
    assert is_active(rs, token)

    ca.publishes(caller.certificate, number=2)
    assert ca.is_asked() == ""
    assert rs.introspect(token).json() == {"active": False}
    assert is_active(rs, twin)

    ca.publishes(number=3)
    assert ca.is_asked() == ""
    assert is_active(rs, token)


def test_userinfo_and_the_token_endpoint_say_the_same(kept, caller, person, ca):
    answer = person.approves(caller, caller.push().json()["request_uri"])
    tokens = caller.redeem(answer["code"]).json()
    assert caller.userinfo(tokens["access_token"]).status_code == 200
    assert caller.refresh(tokens["refresh_token"]).status_code == 200

    ca.publishes(caller.certificate)
    ca.is_asked()

    refusal = caller.userinfo(tokens["access_token"])
    assert refusal.status_code == 401
    assert 'error="invalid_token"' in refusal["WWW-Authenticate"]
    refused(caller.refresh(tokens["refresh_token"]), "invalid_client", status=401)


def test_it_ends_when_nobody_can_tell_any_more(kept, caller, person, elsewhere):
    token = by_code(caller, person)
    assert is_active(elsewhere, token)

    RevocationList.objects.filter(pk=kept.pk).update(next_update=timezone.now())
    assert elsewhere.introspect(token).json() == {"active": False}
    assert caller.userinfo(token).status_code == 401

    RevocationList.objects.filter(pk=kept.pk).update(policy="not_checked")
    assert is_active(elsewhere, token)


def test_it_ends_with_the_ca_that_issued_the_certificate(caller, person, elsewhere, ca):
    row = ca.is_kept(caller.ecosystem, root())
    ca.publishes(issue("Somebody's CA", by=root(), ca=True), by=root(), number=1)
    assert ca.is_asked() == ""
    token = by_code(caller, person)
    assert is_active(elsewhere, token)

    ca.publishes(issuing(), by=root(), number=2)
    assert ca.is_asked() == ""
    assert elsewhere.introspect(token).json() == {"active": False}
    assert caller.userinfo(token).status_code == 401

    RevocationList.objects.filter(pk=row.pk).update(policy="not_checked")
    assert is_active(elsewhere, token)


def test_a_list_of_another_ecosystem_or_ca_ends_nothing(kept, caller, person, rs, ca, uae):
    """A serial number means nothing without the name of the CA that gave it."""
    serial = f"{caller.certificate.certificate.serial_number:x}"
    tomorrow = timezone.now() + timedelta(days=1)
    token = by_code(caller, person)
    for ecosystem, issued in ((uae, issuing()), (caller.ecosystem, root())):
        other = ca.is_kept(ecosystem, issued)
        RevocationList.objects.filter(pk=other.pk).update(next_update=tomorrow)
        RevokedCertificate.objects.create(
            revocation_list=other, serial_number=serial, revoked_at=timezone.now()
        )
    assert is_active(rs, token)

    RevokedCertificate.objects.create(
        revocation_list=kept, serial_number=serial, revoked_at=timezone.now()
    )
    assert not is_active(rs, token)


def test_a_row_from_before_the_issuer_was_kept_is_judged_as_it_was(kept, caller, person, rs, ca):
    token = by_code(caller, person)
    AccessToken.objects.update(certificate_issuer="", certificate_serial_number="")
    ca.publishes(caller.certificate)
    ca.is_asked()

    assert is_active(rs, token)
    assert caller.userinfo(token).status_code == 401
    world.register_certificate(caller.client, caller.certificate)
    assert not is_active(rs, token)


def test_what_is_stored_is_what_stands_in_the_certificate(caller, person):
    by_code(caller, person)

    row = AccessToken.objects.get()
    theirs = mtls.parse_pem(caller.certificate.pem)
    assert row.cnf == {"x5t#S256": theirs.thumbprint}
    assert row.certificate_issuer == "CN=Test Issuing CA,O=Test,C=AE"
    assert row.certificate_serial_number == theirs.serial_number


def test_a_certificate_beside_dpop_binds_nothing_and_ends_nothing(kept, dpop_tpp, person, rs, ca):
    presented = dpop_tpp.with_certificate(issue("dpop-tpp", by=issuing()))
    answer = person.approves(presented, presented.push().json()["request_uri"])
    token = presented.redeem(answer["code"]).json()["access_token"]
    row = AccessToken.objects.get()
    assert (row.certificate_issuer, row.certificate_serial_number) == ("", "")

    ca.publishes(presented.certificate)
    ca.is_asked()
    assert is_active(rs, token)


def test_it_costs_no_statement_more(caller, person, ca, django_assert_num_queries):
    ca.is_kept(caller.ecosystem)
    ca.publishes(certificates.transport("nobody"))
    ca.is_asked()
    token = by_code(caller, person)
    kept = registration.ecosystem_named(caller.ecosystem.slug)
    assert kept is not None
    assert AccessToken.objects.find_alive(token, kept, now=timezone.now()) is not None

    with django_assert_num_queries(1):
        assert AccessToken.objects.find_alive(token, kept, now=timezone.now()) is not None
