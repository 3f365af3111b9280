"""A key that somebody has stolen: withdrawn, it takes along at once what it signed. Case F-11."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from authserver.keys import actions
from authserver.keys.models import SigningKey
from authserver.protocol.errors import InvalidToken
from authserver.protocol.specs import access_token
from authserver.resource.keys import KeyCache
from authserver.tokens.models import AccessToken
from tests.support.world import BANK

pytestmark = pytest.mark.case("F-11", "DS-07")


@pytest.fixture
def stolen(openfinance):
    return SigningKey.objects.get(ecosystem=openfinance, algorithm="PS256")


@pytest.fixture
def new(openfinance, stolen):
    """The next key has taken its place: what was signed before is still good."""
    made = actions.create(openfinance, algorithm="PS256", by="boss")
    actions.activate(made, by="boss")
    return made


@pytest.fixture
def opaque_tpp(openfinance, bank, make_tpp):
    return make_tpp("opaque", openfinance, access_token_format="opaque")


def tokens_of(caller, person):
    answer = person.approves(caller, caller.push().json()["request_uri"])
    return caller.redeem(answer["code"]).json()


def is_active(rs, token):
    return rs.introspect(token).json()["active"]


@pytest.mark.case("F-11")
def test_introspection_refuses_what_it_signed_and_nothing_else(
    tpp, opaque_tpp, person, rs, granted, stolen, new
):
    after = tokens_of(tpp, person)["access_token"]
    unsigned = tokens_of(opaque_tpp, person)["access_token"]
    before = granted["access_token"]
    rows = AccessToken.objects.order_by("pk").values_list("signing_key", flat=True)
    assert list(rows) == [stolen.public_jwk["kid"], new.kid, ""]
    assert [is_active(rs, each) for each in (before, after, unsigned)] == [True] * 3

    actions.withdraw(stolen, by="boss")

    assert rs.introspect(before).json() == {"active": False}
    assert is_active(rs, after)
    assert is_active(rs, unsigned)


@pytest.mark.case("F-11")
def test_so_does_userinfo(tpp, person, granted, stolen, new):
    after = tokens_of(tpp, person)["access_token"]
    assert tpp.userinfo(granted["access_token"]).status_code == 200

    actions.withdraw(stolen, by="boss")

    refusal = tpp.userinfo(granted["access_token"])
    assert refusal.status_code == 401
    assert 'error="invalid_token"' in refusal["WWW-Authenticate"]
    assert tpp.userinfo(after).status_code == 200


@pytest.mark.case("F-11")
def test_the_client_goes_on_by_its_refresh_token(tpp, rs, granted, stolen, new):
    actions.withdraw(stolen, by="boss")
    assert not is_active(rs, granted["access_token"])

    renewed = tpp.refresh(granted["refresh_token"])
    assert renewed.status_code == 200
    assert is_active(rs, renewed.json()["access_token"])


@pytest.mark.case("F-11")
@pytest.mark.parametrize("step", ["create", "activate", "retire"])
def test_no_other_step_in_the_life_of_a_key_ends_a_token(openfinance, rs, granted, stolen, step):
    made = actions.create(openfinance, algorithm="PS256", by="boss")
    if step == "activate":
        actions.activate(made, by="boss")
    elif step == "retire":
        actions.retire(stolen, by="boss")

    assert is_active(rs, granted["access_token"])


@pytest.mark.case("F-11")
def test_a_key_of_another_ecosystem_takes_nothing_along(uae, rs, granted):
    for key in SigningKey.objects.filter(ecosystem=uae):
        actions.withdraw(key, by="boss")

    assert is_active(rs, granted["access_token"])


def test_a_row_from_before_the_key_was_kept_is_judged_as_it_was(rs, granted, stolen):
    AccessToken.objects.update(signing_key="")
    actions.withdraw(stolen, by="boss")

    assert is_active(rs, granted["access_token"])


@pytest.mark.case("F-11")
def test_who_verifies_for_itself_refuses_it_five_minutes_later_at_most(tpp, granted, stolen, new):
    keys = KeyCache(fetch=lambda: json.loads(tpp.http.get("/openfinance/jwks").content))
    now = timezone.now()

    def verifies(at):
        try:
            access_token.verify(
                granted["access_token"],
                issuer=tpp.ecosystem.issuer,
                audience=BANK,
                keys=keys.for_token(granted["access_token"], now=at),
                algorithms=["PS256"],
                now=now,
                clock_skew=timedelta(0),
            )
        except InvalidToken:
            return False
        return True

    assert verifies(now)
    assert tpp.http.get("/openfinance/jwks")["Cache-Control"] == "public, max-age=300"
    actions.withdraw(stolen, by="boss")

    assert verifies(now + timedelta(seconds=299))
    assert not verifies(now + timedelta(seconds=300))
