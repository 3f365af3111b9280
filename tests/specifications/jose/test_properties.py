"""No input makes the package raise anything but BadJOSE, nor return what nobody signed."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authserver.protocol import jose
from authserver.protocol.jose import BadJOSE, Purpose
from authserver.protocol.jose.purpose import RULES
from tests.support.forge import ALL, forge, keys, pair

CLAIMS = {"iss": "tpp", "jti": "1"}
GOOD = {name: forge(CLAIMS, pair(name)) for name in ALL}
PROOF = forge(CLAIMS, pair(), header={"typ": "dpop+jwt", "jwk": pair().jwk})
EVERYBODY = keys(*(pair(name).jwk for name in ALL))
OUR_KEY = jose.load_private_key(jose.generate("ES256"), "ES256")
OURS = jose.import_jwks({"keys": [jose.public_jwk(OUR_KEY)]})
DECRYPTION_KEY = jose.load_private_key(jose.generate("ECDH-ES"), "ECDH-ES")
SEALED = jose.encrypt_nested(GOOD["ES256"], jwk=jose.public_jwk(DECRYPTION_KEY))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
SMALL = settings(max_examples=200)


def verified(token, purpose=Purpose.CLIENT_ASSERTION, of=EVERYBODY):
    """What it returns, or None for the one exception that may leave."""
    try:
        return jose.verify(token, purpose=purpose, keys=of, algorithms=ALL)
    except BadJOSE:
        return None


def embedded(token):
    try:
        return jose.verify_embedded(token, algorithms=ALL)
    except BadJOSE:
        return None


def opened(token):
    try:
        return jose.decrypt_nested(token, key=DECRYPTION_KEY)
    except BadJOSE:
        return None


def test_the_tokens_that_are_changed_below_are_good_ones():
    assert all(verified(token) for token in GOOD.values())
    assert embedded(PROOF)
    assert opened(SEALED) == GOOD["ES256"]


@given(st.text() | st.text("abcAB019-_.=\n", min_size=5) | JSON | st.binary())
@SMALL
def test_nothing_arbitrary_is_taken(junk):
    assert verified(junk) is None
    assert embedded(junk) is None
    assert opened(junk) is None
    with pytest.raises(BadJOSE):
        jose.read(junk, purpose=Purpose.REQUEST_OBJECT)


@given(st.sampled_from([*GOOD.values(), PROOF, SEALED]), st.data())
@SMALL
def test_no_character_of_a_token_can_be_changed(token, data):
    place = data.draw(st.integers(0, len(token)))
    removed = data.draw(st.integers(0, 3))
    added = data.draw(st.text(st.sampled_from("AZaz09-_.=+/ \n\u00e9"), max_size=3))
    changed = token[:place] + added + token[place + removed :]

    if changed != token:
        assert verified(changed) is None
        assert embedded(changed) is None
        assert opened(changed) is None


@given(header=JSON, payload=JSON)
@SMALL
def test_any_json_under_a_good_signature_is_refused_or_read_as_it_is(header, payload):
    texts = [json.dumps(part).encode() for part in (header, payload)]
    for token in (
        forge(texts[1], pair(), header=texts[0]),
        forge(texts[1], pair()),
    ):
        found = verified(token)
        assert found is None or found.claims == payload


def is_of(purpose, header):
    typ = header.get("typ")
    own = {each and each.lower() for each in RULES[purpose].accepts}
    return header["alg"] == "ES256" and (typ and typ.lower().removeprefix("application/")) in own


@given(st.dictionaries(st.sampled_from(["alg", "typ", "kid", "jwk", "crit", "x"]), JSON))
@SMALL
def test_a_header_that_verifies_is_one_of_its_purpose(change):
    text = json.dumps({"alg": "ES256", "typ": "dpop+jwt", "jwk": pair().jwk} | change).encode()
    token = forge(CLAIMS, pair(), header=text)

    found = embedded(token)
    assert found is None or is_of(Purpose.DPOP_PROOF, found.header)
    for purpose in RULES:
        found = verified(token, purpose)
        assert found is None or is_of(purpose, found.header)


@given(JSON | st.fixed_dictionaries({"keys": st.lists(JSON, max_size=3)}))
@SMALL
def test_no_key_set_raises_anything_else(document):
    try:
        found = jose.import_jwks(document)
    except BadJOSE:
        return
    assert len(found) == 0


MEMBERS = ("kty", "crv", "n", "e", "x", "y", "d", "use", "alg", "kid", "key_ops", "x5c")


@given(
    st.sampled_from(ALL),
    st.dictionaries(st.sampled_from(MEMBERS), JSON | st.sampled_from(["RSA", "EC", "OKP", "AQAB"])),
)
@SMALL
def test_no_key_raises_anything_else(algorithm, change):
    jwk = pair(algorithm).jwk | change
    try:
        thumbprint = jose.thumbprint(jwk)
    except BadJOSE:
        assert len(jose.import_jwks({"keys": [jwk]})) == 0
        return
    [key] = jose.import_jwks({"keys": [jwk]}).keys or [None]
    assert key is None or key.thumbprint == thumbprint


@given(
    st.dictionaries(st.sampled_from(["alg", "enc", "epk", "apu", "kid", "zip", "cty"]), JSON),
)
@SMALL
def test_no_header_of_an_encrypted_token_raises_anything_else(change):
    header = json.loads(jose.base64url.decode(SEALED.split(".")[0]))
    text = json.dumps(header | change).encode()
    token = ".".join([jose.base64url.encode(text), *SEALED.split(".")[1:]])

    assert opened(token) is None or token == SEALED


TYPED = [
    purpose
    for purpose in Purpose
    if RULES[purpose].writes != "JWT" and not RULES[purpose].key_in_header
]


@pytest.mark.parametrize("written", TYPED)
@pytest.mark.parametrize("read", list(Purpose))
def test_a_token_of_one_purpose_is_none_of_another(written, read):
    token = jose.sign(CLAIMS, purpose=written, key=OUR_KEY)

    assert (verified(token, read, OURS) is not None) == (written is read)


def test_a_proof_is_no_token_of_any_other_purpose():
    token = jose.sign(CLAIMS, purpose=Purpose.DPOP_PROOF, key=OUR_KEY)

    assert embedded(token).claims == CLAIMS
    assert all(verified(token, purpose, OURS) is None for purpose in Purpose)
