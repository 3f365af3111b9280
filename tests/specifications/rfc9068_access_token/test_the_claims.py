"""RFC 9068: what an access token says, and what a resource server believes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from authserver.protocol import jose
from authserver.protocol.errors import InvalidToken
from authserver.protocol.jose import Purpose
from authserver.protocol.specs import access_token, id_token
from tests.support.forge import ALL, SPELLINGS, faults_outside, forge, pair, respelled

case = pytest.mark.case
requirement = pytest.mark.requirement

NOW = datetime(2026, 11, 21, 12, 0, 0, 500_000, tzinfo=UTC)
T = int(NOW.timestamp())
ISSUER = "https://as.example.com/north"
BANK = "https://bank.example.com"
DETAILS = [{"type": "account_information", "accounts": ["1"]}]
CNF = {"x5t#S256": "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"}
OURS = jose.load_private_key(jose.generate("ES256"), "ES256")
OUR_KEYS = jose.import_jwks({"keys": [jose.public_jwk(OURS)]})
MISSING: list[Any] = [..., None, "", True, {}]
GRANTED: dict[str, Any] = {
    "issuer": ISSUER,
    "subject": "pairwise-1",
    "audience": BANK,
    "client_id": "tpp",
    "scope": "openid accounts",
    "authorization_details": DETAILS,
    "cnf": CNF,
    "jti": "jti-1",
    "issued_at": NOW,
    "expires_at": NOW + timedelta(minutes=5),
}


def claims(**changes):
    made = access_token.claims(**GRANTED) | changes
    return {name: value for name, value in made.items() if value is not ...}


def token(*, key=OURS, **changes):
    return jose.sign(claims(**changes), purpose=Purpose.ACCESS_TOKEN, key=key)


def verify(text, *, keys=OUR_KEYS, audience=BANK, now=NOW, algorithms=ALL):
    return access_token.verify(
        text,
        issuer=ISSUER,
        audience=audience,
        keys=keys,
        algorithms=algorithms,
        now=now,
        clock_skew=timedelta(seconds=10),
    )


def assert_refused(text, **how):
    assert verify(token())
    with pytest.raises(InvalidToken) as refusal:
        verify(text, **how)
    assert refusal.value.clause.startswith("RFC9068-4")
    assert refusal.value.public_description.isascii()


@requirement("RFC9068-2.2", "RAR-9.1", "MTLS-3.1")
def test_a_token_says_what_was_granted():
    assert access_token.claims(**GRANTED) == {
        "iss": ISSUER,
        "sub": "pairwise-1",
        "aud": BANK,
        "client_id": "tpp",
        "scope": "openid accounts",
        "authorization_details": DETAILS,
        "cnf": CNF,
        "jti": "jti-1",
        "iat": T,
        "exp": T + 300,
    }


@requirement("RFC9068-2.2.1")
def test_it_says_how_and_when_the_person_signed_in():
    made = access_token.claims(
        **GRANTED, auth_time=NOW - timedelta(minutes=1), acr="urn:mfa", amr=("pwd", "otp")
    )

    assert (made["auth_time"], made["acr"], made["amr"]) == (T - 60, "urn:mfa", ["pwd", "otp"])


@requirement("RFC9068-2.2")
def test_what_was_not_granted_is_not_mentioned():
    bare = GRANTED | {"scope": "", "authorization_details": None, "cnf": None}

    assert set(access_token.claims(**bare, amr=[], acr="")) == {
        "iss",
        "sub",
        "aud",
        "client_id",
        "jti",
        "iat",
        "exp",
    }


@requirement("RFC9068-4", "FAPI2-SP-FINAL-5.3.4-2")
@pytest.mark.parametrize("audience", [BANK, [BANK], ["https://other.example", BANK]])
def test_a_resource_server_reads_what_was_granted(audience):
    found = verify(token(aud=audience))

    assert found.subject == "pairwise-1"
    assert found.client_id == "tpp"
    assert found.jti == "jti-1"
    assert found.scope == ("openid", "accounts")
    assert found.authorization_details == tuple(DETAILS)
    assert found.cnf == CNF
    assert found.expires_at == datetime.fromtimestamp(T + 300, UTC)
    assert found.claims["iss"] == ISSUER


def test_a_token_without_rights_has_none():
    found = verify(token(scope=..., authorization_details=..., cnf=...))

    assert (found.scope, found.authorization_details, found.cnf) == ((), (), {})


@requirement("RFC9068-4", "RFC7519-4.1.4", "RFC7519-4.1.5")
@pytest.mark.parametrize(
    "change",
    [
        *(
            pytest.param({name: value}, id=f"{name} is {value!r}")
            for name in ("iss", "sub", "client_id", "jti", "aud", "exp", "iat")
            for value in MISSING
        ),
        pytest.param({"iss": "https://other.example"}, id="another issuer"),
        pytest.param({"iss": f"{ISSUER}/"}, id="the issuer and a slash"),
        pytest.param({"aud": "https://other.example"}, id="TK-22 another resource server"),
        pytest.param({"aud": [[BANK]]}, id="a nested audience"),
        pytest.param({"aud": f"{BANK}.evil.example"}, id="a longer audience"),
        pytest.param({"exp": T}, id="expires now"),
        pytest.param({"exp": T - 1}, id="TK-07 expired a second ago"),
        pytest.param({"exp": T - 61}, id="TK-07 expired a minute ago"),
        pytest.param({"nbf": T + 61}, id="TK-07 not yet"),
        pytest.param({"iat": T + 61}, id="made in the future"),
        pytest.param({"nbf": "x"}, id="nbf is a text"),
        pytest.param({"scope": ["openid"]}, id="scope is a list"),
        pytest.param({"cnf": "x"}, id="cnf is a text"),
        pytest.param({"authorization_details": {}}, id="details are an object"),
    ],
)
def test_a_token_with_this_change_is_refused(change):
    assert_refused(token(**change))


def test_the_issuers_clock_may_be_a_little_ahead():
    assert verify(token(iat=T + 10, nbf=T + 10))


@requirement("RFC9068-4", "RFC8725-3.11")
@pytest.mark.parametrize("typ", [None, "JWT", "dpop+jwt", "token-introspection+jwt", "text/at+jwt"])
def test_another_type_is_refused(typ):
    key = pair()
    assert verify(forge(claims(), key, header={"typ": "at+jwt"}), keys=key.public)
    assert verify(forge(claims(), key, header={"typ": "application/at+jwt"}), keys=key.public)
    assert verify(forge(claims(), key, header={"typ": "AT+JWT"}), keys=key.public)

    assert_refused(forge(claims(), key, header={"typ": typ}), keys=key.public)


@case("TK-06")
@requirement("RFC9068-4")
@pytest.mark.parametrize("fault", faults_outside("typ"))
def test_a_header_with_this_change_is_refused(fault):
    key = pair()
    header = {"typ": "at+jwt"} | fault

    assert_refused(forge(claims(), key, header=header, alg="ES256"), keys=key.public)


@requirement("RFC9068-4")
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_it_has_one_spelling(spelling):
    assert_refused(respelled(token())[spelling])


@case("TK-06")
def test_a_token_that_somebody_else_signed_is_refused():
    """Signed again by the client, with another confirmation"""
    thief = pair(number=3)
    header = {"typ": "at+jwt", "kid": OURS.kid}

    assert_refused(forge(claims(cnf={"jkt": "x"}), thief, header=header))
    assert_refused(token(), keys=thief.public)
    assert_refused(token(), algorithms=["PS256"])


@case("TK-06")
def test_an_id_token_is_no_access_token():
    made = id_token.claims(
        issuer=ISSUER,
        subject="pairwise-1",
        client_id=BANK,
        issued_at=NOW,
        expires_at=NOW + timedelta(minutes=5),
        algorithm="ES256",
        extra={"client_id": "tpp", "jti": "1"},
    )

    assert_refused(jose.sign(made, purpose=Purpose.ID_TOKEN, key=OURS))
    assert verify(jose.sign(made, purpose=Purpose.ACCESS_TOKEN, key=OURS))
