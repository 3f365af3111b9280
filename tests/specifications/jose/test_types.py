"""RFC 7515, 4.1.9: typ is a media type, and says what a token may be used as."""

import pytest

from authserver.protocol import jose
from authserver.protocol.jose import Purpose, WrongType
from authserver.protocol.jose.purpose import RULES
from tests.support.forge import ALL, forge, pair

requirement = pytest.mark.requirement

CLAIMS = {"iss": "tpp"}
WRITTEN = {
    "as it is": str,
    "in small letters": str.lower,
    "in capitals": str.upper,
    "in mixed letters": str.swapcase,
    "in full": lambda typ: f"application/{typ}",
    "in full, in capitals": lambda typ: f"APPLICATION/{typ}".upper(),
}
MISWRITTEN = {
    "of another kind": lambda typ: f"text/{typ}",
    "in full twice": lambda typ: f"application/application/{typ}",
    "with a parameter": lambda typ: f"{typ}; charset=utf-8",
    "after a space": lambda typ: f" {typ}",
    "before a space": lambda typ: f"{typ} ",
    "cut": lambda typ: typ[:-1],
    "longer": lambda typ: f"{typ}x",
}
STRANGERS = ("", "/", "application/", "*/*", "JOSE", "logout+jwt", "secevent+jwt", "vc+sd-jwt")
TYPES = sorted({typ for rules in RULES.values() for typ in rules.accepts if typ} | {*STRANGERS})


def is_accepted(purpose, typ):
    """Whether a well-signed token of this typ passes as one of this purpose."""
    key = pair()
    embedded = {"jwk": key.jwk} if RULES[purpose].key_in_header else {}
    token = forge(CLAIMS, key, header={"typ": typ} | embedded)
    try:
        if embedded:
            found = jose.verify_embedded(token, algorithms=ALL)
        else:
            found = jose.verify(token, purpose=purpose, keys=key.public, algorithms=ALL)
    except WrongType:
        return False
    return found.claims == CLAIMS


@requirement("RFC7515-4.1.9", "RFC8725-3.11")
@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("typ", TYPES)
@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_type_is_accepted_in_every_spelling_or_in_none(purpose, typ, written):
    assert is_accepted(purpose, written(typ)) == (typ in RULES[purpose].accepts)


@requirement("RFC7515-4.1.9", "RFC8725-3.11")
@pytest.mark.parametrize("written", MISWRITTEN.values(), ids=MISWRITTEN)
@pytest.mark.parametrize("purpose", list(Purpose))
def test_what_is_no_spelling_of_a_type_is_another_type(purpose, written):
    for typ in filter(None, RULES[purpose].accepts):
        assert not is_accepted(purpose, written(typ))


@requirement("RFC8725-3.11")
@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_type_may_be_absent_where_its_purpose_says_so(purpose):
    assert is_accepted(purpose, None) == (None in RULES[purpose].accepts)


@requirement("RFC8725-3.11")
def test_each_purpose_accepts_its_own_types():
    jwt = frozenset({None, "JWT"})

    assert {purpose: rules.accepts for purpose, rules in RULES.items()} == {
        Purpose.CLIENT_ASSERTION: jwt | {"client-authentication+jwt"},
        Purpose.REQUEST_OBJECT: jwt | {"oauth-authz-req+jwt"},
        Purpose.DPOP_PROOF: {"dpop+jwt"},
        Purpose.ACCESS_TOKEN: {"at+jwt"},
        Purpose.ID_TOKEN: jwt,
        Purpose.AUTHORIZATION_RESPONSE: jwt,
        Purpose.INTROSPECTION: {"token-introspection+jwt"},
        Purpose.SOFTWARE_STATEMENT: jwt,
    }
