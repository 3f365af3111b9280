"""A certificate that its CA took back (RFC 5280, 6.3). Case MT-09."""

from datetime import timedelta

import pytest
from cryptography import x509
from django.utils import timezone

from authserver.audit.models import Refusal
from authserver.ecosystems import actions
from authserver.ecosystems.models import RevokedCertificate, TrustAnchor
from authserver.protocol.specs import mtls
from clients.authentication import authenticate
from tests.specifications.client_authentication.presented import registered, request_of
from tests.support import certificates, world
from tests.support.assertions import not_identified, nothing_stored
from tests.support.certificates import issue, issuing

pytestmark = [pytest.mark.case("MT-09"), pytest.mark.requirement("RFC5280-6.3.3")]


@pytest.fixture(params=["assertion", "registered", "tls_client_auth"])
def caller(request, db, make_tpp):
    """A client that presents its certificate: to bind a token, by rule, or to be identified."""
    profile = "ffi" if request.param == "registered" else "fapi2-security"
    ecosystem = world.ecosystem("checked", profile=profile)
    world.bank(ecosystem)
    by_tls = {
        "token_endpoint_auth_method": "tls_client_auth",
        "tls_client_auth_subject_dn": "CN=caller,O=Test,C=AE",
    }
    return make_tpp("caller", ecosystem, **(by_tls if request.param == "tls_client_auth" else {}))


@pytest.fixture
def listed(caller, ca):
    """The list of the issuing CA is required, kept, and names somebody else."""
    kept = ca.is_kept(caller.ecosystem)
    ca.publishes(issue("somebody", by=issuing()))
    assert ca.is_asked() == ""
    return kept


def lets_in(endpoint, caller):
    """True if the caller is identified; a profile may want more of what it asks for."""
    return endpoint.call(caller).status_code != 401


def test_a_certificate_that_is_not_listed_is_served(caller, listed, endpoint):
    assert RevokedCertificate.objects.count() == 1
    assert lets_in(endpoint, caller)


def test_a_revoked_one_is_refused_after_one_refresh(caller, listed, ca, endpoint):
    ca.publishes(caller.certificate)
    assert lets_in(endpoint, caller)

    assert ca.is_asked() == ""
    with nothing_stored():
        not_identified(endpoint.call(caller))


def test_the_participant_can_find_out_why(caller, listed, ca, token_endpoint):
    ca.publishes(caller.certificate)
    ca.is_asked()

    not_identified(token_endpoint.call(caller))

    kept = Refusal.objects.get()
    assert (kept.client_id, kept.clause) == ("caller", "RFC5280-6.3.3")
    assert kept.expected == "a certificate that its CA stands by"
    assert kept.seen == "It was revoked by the CA that issued it."


def test_one_that_is_taken_off_the_list_is_served_again(caller, listed, ca, token_endpoint):
    ca.publishes(caller.certificate, number=2)
    ca.is_asked()
    not_identified(token_endpoint.call(caller))

    ca.publishes(number=3)
    ca.is_asked()
    assert token_endpoint.serves(caller)


def test_a_host_that_is_down_harms_nobody_while_the_list_is_in_date(
    caller, listed, ca, endpoint, at
):
    ca.is_down()

    with at(hours=23):
        assert ca.is_asked() == "1 lists could not be refreshed"
        assert lets_in(endpoint, caller)


def test_beyond_the_next_update_nobody_is_served(caller, listed, ca, endpoint, at):
    ca.is_down()

    with at(hours=25), nothing_stored():
        ca.is_asked()
        not_identified(endpoint.call(caller))


def test_a_list_that_was_never_fetched_lets_nobody_in(caller, ca, token_endpoint):
    assert token_endpoint.serves(caller)

    ca.is_kept(caller.ecosystem)
    not_identified(token_endpoint.call(caller))


def test_a_list_that_is_not_required_is_not_heeded(caller, ca, token_endpoint, at):
    ca.is_kept(caller.ecosystem, policy="not_checked")
    ca.publishes(caller.certificate)
    assert ca.is_asked() == ""
    assert RevokedCertificate.objects.count() == 1

    assert token_endpoint.serves(caller)
    with at(hours=25):
        assert token_endpoint.serves(caller)


def test_nor_beside_one_of_another_ca_that_is(caller, ca, token_endpoint):
    ca.is_kept(caller.ecosystem, policy="not_checked")
    ca.publishes(caller.certificate)
    ca.is_asked()
    root_list = ca.is_kept(caller.ecosystem, certificates.root())
    not_identified(token_endpoint.call(caller))

    ca.publishes(by=certificates.root())
    ca.is_asked()
    root_list.refresh_from_db()
    assert root_list.next_update > timezone.now()
    assert token_endpoint.serves(caller)


def test_another_ecosystems_list_counts_nothing(caller, ca, uae, token_endpoint):
    ca.is_kept(uae)
    ca.publishes(caller.certificate)
    ca.is_asked()

    assert token_endpoint.serves(caller)


def test_the_same_serial_number_of_another_ca_is_another_certificate(
    caller, listed, ca, token_endpoint
):
    root_list = ca.is_kept(caller.ecosystem, certificates.root())
    RevokedCertificate.objects.create(
        revocation_list=root_list,
        serial_number=f"{caller.certificate.certificate.serial_number:x}",
        revoked_at=timezone.now(),
    )
    in_date = type(root_list).objects.filter(pk=root_list.pk)
    in_date.update(next_update=timezone.now() + timedelta(days=1))

    assert token_endpoint.serves(caller)


def test_a_ca_that_was_revoked_takes_what_it_issued_along(caller, ca, endpoint):
    ca.is_kept(caller.ecosystem, certificates.root())
    ca.publishes(by=certificates.root())
    ca.is_asked()
    assert lets_in(endpoint, caller)

    ca.publishes(certificates.issuing(), by=certificates.root())
    assert ca.is_asked() == ""
    with nothing_stored():
        not_identified(endpoint.call(caller))


def test_a_list_of_the_root_that_is_out_of_date_counts_for_all_below(
    caller, listed, ca, token_endpoint
):
    assert token_endpoint.serves(caller)

    ca.is_kept(caller.ecosystem, certificates.root())
    not_identified(token_endpoint.call(caller))


def test_a_renewed_certificate_is_judged_by_its_own_number(listed, ca, caller, token_endpoint):
    ca.publishes(caller.certificate)
    ca.is_asked()
    renewed = issue("caller", by=issuing())
    world.register_certificate(caller.client, renewed)

    not_identified(token_endpoint.call(caller))
    assert token_endpoint.serves(caller.with_certificate(renewed))


def test_a_list_for_one_distribution_point_covers_whom_it_says(
    openfinance, bank, make_tpp, ca, token_endpoint
):
    """A CA that splits its list into parts must not make its other certificates unrevocable."""
    uri = "http://pki.example.com/part-1.crl"
    part = x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier(uri)],
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
    caller = make_tpp("caller", openfinance)
    ca.is_kept(openfinance)
    ca.publishes(extensions=((part, True),))
    assert ca.is_asked() == ""

    not_identified(token_endpoint.call(caller))
    covered = issue("caller", by=issuing(), distribution_point=uri)
    assert token_endpoint.serves(caller.with_certificate(covered))
    elsewhere = issue("caller", by=issuing(), distribution_point="http://pki.example.com/2.crl")
    not_identified(token_endpoint.call(caller.with_certificate(elsewhere)))


def test_whoever_presents_no_certificate_does_not_notice(dpop_tpp, openfinance, ca):
    ca.is_kept(openfinance)

    assert dpop_tpp.push().status_code == 201


def test_a_certificate_of_nobody_that_is_trusted_has_nobody_to_take_it_back(tpp, openfinance, ca):
    ca.is_kept(openfinance)

    assert tpp.with_certificate(issue("anybody")).push().status_code == 201
    not_identified(tpp.push())


def test_where_no_list_is_required_it_costs_no_query(tpp, ca, django_assert_num_queries):
    ca.is_kept(tpp.ecosystem, policy="not_checked")
    authenticate(request_of(tpp), registered(tpp), now=timezone.now())

    http = request_of(tpp)
    with django_assert_num_queries(1):
        authenticate(http, registered(tpp), now=timezone.now())


def test_where_one_is_required_it_costs_one(tpp, ca, django_assert_num_queries):
    ca.is_kept(tpp.ecosystem)
    ca.publishes()
    ca.is_asked()
    authenticate(request_of(tpp), registered(tpp), now=timezone.now())

    http = request_of(tpp)
    with django_assert_num_queries(2):
        authenticate(http, registered(tpp), now=timezone.now())
    assert ca.asked == ["http://pki.example.com/issuing.crl"]


def test_a_ca_that_was_revoked_is_not_trusted_again(boss_adds_ca, caller, ca):
    ca.is_kept(caller.ecosystem, certificates.root())
    TrustAnchor.objects.filter(kind="issuing").delete()
    ca.publishes(certificates.issuing(), by=certificates.root())
    ca.is_asked()

    with pytest.raises(mtls.BadCertificate, match="revoked by the CA above it"):
        boss_adds_ca(certificates.issuing())
    boss_adds_ca(issue("Another CA", by=certificates.root(), ca=True))


@pytest.fixture
def boss_adds_ca(caller):
    def add(issued):
        return actions.add_trust_anchor(
            caller.ecosystem, pem=issued.pem, by="boss", now=timezone.now()
        )

    return add
