"""The demo's own signatures: others can verify ours, and we verify only what is right."""

import json

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from deploy.demo.credentials import totp_code
from deploy.local import signing
from deploy.local.https_client import shortened, shortened_url
from deploy.local.signing import BadSignature
from tests.support import rsa_keys

CLAIMS = {"iss": "somebody", "exp": 2_000_000_000}
RFC6238_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture(scope="module")
def key(kit):
    return kit.clients["lantern-uae"].signing_key


def verified(token, keys, algorithms=("PS256", "ES256", "EdDSA")):
    return signing.verify(token, keys=keys, algorithms=algorithms)


def test_another_library_verifies_what_we_sign(key):
    token = signing.sign(CLAIMS, key=key, typ="oauth-authz-req+jwt")
    found = jwt.decode(
        token,
        KeySet([RSAKey.import_key(json.loads(json.dumps(signing.public_jwk(key))))]),
        algorithms=["PS256"],
    )
    assert found.claims == CLAIMS
    assert found.header["typ"] == "oauth-authz-req+jwt"


@pytest.mark.parametrize(
    ("algorithm", "made"),
    [
        ("PS256", lambda: RSAKey.import_key(rsa_keys.key_of("another library"), {"kid": "a"})),
        ("ES256", lambda: ECKey.generate_key("P-256", {"kid": "a"})),
        ("Ed25519", lambda: OKPKey.generate_key("Ed25519", {"kid": "a"})),
    ],
)
def test_we_verify_what_another_library_signs(algorithm, made):
    key = made()
    token = jwt.encode({"alg": algorithm, "kid": "a"}, CLAIMS, key, algorithms=[algorithm])
    public = [json.loads(json.dumps(key.as_dict(private=False)))]
    assert verified(token, public, [algorithm])[1] == CLAIMS
    head, _, signature = token.split(".")
    with pytest.raises(BadSignature):
        verified(f"{head}.{signing.b64(b'{}')}.{signature}", public, [algorithm])


def test_a_public_jwk_has_no_private_member(key):
    assert signing.public_jwk(key).keys() == {"kty", "n", "e", "kid", "alg", "use"}
    assert signing.private_jwk(key).keys() > {"d", "p", "q", "dp", "dq", "qi"}


def test_an_algorithm_that_was_not_expected_is_refused(key):
    token = signing.sign(CLAIMS, key=key)
    with pytest.raises(BadSignature, match="algorithm"):
        verified(token, [signing.public_jwk(key)], ["ES256"])


def test_an_unsigned_token_is_refused(key):
    head = signing.b64(b'{"alg":"none"}')
    with pytest.raises(BadSignature):
        verified(f"{head}.{signing.b64(b'{}')}.", [signing.public_jwk(key)])


def test_the_key_of_somebody_else_is_refused(key, kit):
    other = kit.clients["tidewater-uae"].signing_key
    kid = signing.public_jwk(key)["kid"]
    token = signing.sign(CLAIMS, key=other, kid=kid)
    with pytest.raises(BadSignature):
        verified(token, [signing.public_jwk(key)])


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "!.!.!", "W10.W10.W10"])
def test_what_is_not_a_token_is_one_kind_of_error(token):
    with pytest.raises(BadSignature):
        verified(token, [])


@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_one_time_codes_are_those_of_rfc_6238(at, code):
    assert totp_code(RFC6238_SECRET, at=at) == code


def test_secrets_are_cut_short_wherever_they_stand():
    secret = "s" * 60
    urn = f"urn:ietf:params:oauth:request_uri:{secret}"
    shown = shortened(
        {
            "access_token": secret,
            "Authorization": f"Bearer {secret}",
            "nested": [{"refresh_token": secret}],
            "request_uri": urn,
            "scope": "openid accounts",
        }
    )
    assert secret not in json.dumps(shown)
    assert shown["Authorization"].startswith("Bearer ssssssssss...")
    assert shown["request_uri"].startswith("urn:ietf:params:oauth:request_uri:ssssssssss...")
    assert shown["scope"] == "openid accounts"
    assert secret not in shortened_url(f"https://tpp.test/cb?code={secret}&state=x")
    assert "state=x" in shortened_url(f"https://tpp.test/cb?code={secret}&state=x")
