"""A token that is bound to a certificate which was taken back. Case MT-09."""

import pytest

from authserver.protocol.specs import mtls
from clients.actions import revoke_certificate
from tests.support import world
from tests.support.certificates import issue, issuing

pytestmark = [pytest.mark.case("MT-09"), pytest.mark.requirement("RFC5280-6.3.3")]


@pytest.fixture
def kept(openfinance, ca):
    row = ca.is_kept(openfinance)
    ca.publishes(issue("somebody", by=issuing()))
    ca.is_asked()
    return row


@pytest.fixture
def token(kept, granted):
    return granted["access_token"]


def is_active(rs, token):
    return rs.introspect(token).json()["active"]


def test_it_is_good_while_the_certificate_is(rs, tpp, token):
    assert is_active(rs, token)
    assert tpp.userinfo(token).status_code == 200


def test_it_is_dead_everywhere_once_the_certificate_is_listed(rs, tpp, token, granted, ca):
    assert is_active(rs, token)
    ca.publishes(tpp.certificate)
    ca.is_asked()

    assert rs.introspect(token).json() == {"active": False}
    refusal = tpp.userinfo(token)
    assert refusal.status_code == 401
    assert 'error="invalid_token"' in refusal["WWW-Authenticate"]
    assert tpp.refresh(granted["refresh_token"]).status_code == 401


def test_it_lives_again_when_the_list_does_not_name_it_any_more(rs, tpp, token, ca):
    ca.publishes(tpp.certificate, number=2)
    ca.is_asked()
    assert not is_active(rs, token)

    ca.publishes(number=3)
    ca.is_asked()
    assert is_active(rs, token)


def test_it_is_dead_when_nobody_can_tell_any_more(rs, tpp, token, kept):
    """The bank's own certificate is of another CA here, so that it can still ask."""
    another = issue("Another Root", ca=True)
    client = rs.client
    client.certificates.all().delete()
    theirs = issue("theirs", by=another)
    world.register_certificate(client, theirs)
    bank = rs.with_certificate(theirs)
    assert is_active(bank, token)

    type(kept).objects.filter(pk=kept.pk).update(next_update=kept.anchor.added_at)
    assert not is_active(bank, token)
    assert tpp.userinfo(token).status_code == 401
    type(kept).objects.filter(pk=kept.pk).update(policy="not_checked")
    assert is_active(bank, token)


def test_a_certificate_that_we_revoked_takes_its_tokens_along(rs, tpp, granted):
    token = granted["access_token"]
    other = issue("tpp", by=issuing())
    registered = world.register_certificate(tpp.client, other)
    revoke_certificate(registered, by="test")
    assert is_active(rs, token)

    own = tpp.client.certificates.get(thumbprint=mtls.parse_pem(tpp.certificate.pem).thumbprint)
    revoke_certificate(own, by="test")
    assert rs.introspect(token).json() == {"active": False}
    assert tpp.userinfo(token).status_code == 401


def test_a_token_bound_by_dpop_has_no_certificate_to_lose(dpop_tpp, person, kept):
    answer = person.approves(dpop_tpp, dpop_tpp.push().json()["request_uri"])
    token = dpop_tpp.redeem(answer["code"]).json()["access_token"]
    type(kept).objects.filter(pk=kept.pk).update(next_update=None)

    assert dpop_tpp.userinfo(token, scheme="DPoP").status_code == 200
