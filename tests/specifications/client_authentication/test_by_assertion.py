"""private_key_jwt at every endpoint that authenticates: the valid call with one change. CA-nn."""

import time
import uuid

import pytest

from authserver.protocol.specs import client_assertion
from authserver.replay.models import UsedProof
from clients.models import Client, Participant
from tests.support import world
from tests.support.assertions import not_identified, nothing_stored, refused
from tests.support.forge import CHAIN_HINT, HINTS, JWK_HINT, chain_filling
from tests.support.tpp import ASSERTION_TYPE

case = pytest.mark.case
requirement = pytest.mark.requirement


def in_(seconds):
    return int(time.time()) + seconds


@requirement("FAPI2-SP-FINAL-5.3.2.1-6", "CBUAE-2.1.3")
def test_a_client_with_a_valid_assertion_is_served(tpp, endpoint):
    assert endpoint.serves(tpp)
    assert endpoint.serves(tpp, client_id="tpp")


@requirement("FAPI2-SP-FINAL-5.3.2.1-6", "FAPI2-SP-FINAL-5.3.2.1-8", "RFC7523-3")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda: {"aud": "https://as.example.com/openfinance/token"}, id="CA-27"),
        pytest.param(lambda: {"aud": "https://as.example.com/openfinance/par"}, id="CA-27 par"),
        pytest.param(lambda: {"aud": ["https://as.example.com/openfinance", "x"]}, id="CA-28"),
        pytest.param(lambda: {"aud": ["https://as.example.com/openfinance"]}, id="CA-29"),
        pytest.param(lambda: {"aud": "https://as.example.com/uae"}, id="CA-32"),
        pytest.param(lambda: {"aud": None}, id="CA-31"),
        pytest.param(lambda: {"sub": None}, id="CA-34 no sub"),
        pytest.param(lambda: {"sub": "other"}, id="CA-34 another sub"),
        pytest.param(lambda: {"exp": in_(-300)}, id="CA-37"),
        pytest.param(lambda: {"exp": in_(3600)}, id="CA-38"),
        pytest.param(lambda: {"iat": in_(62), "exp": in_(120)}, id="CA-39"),
        pytest.param(lambda: {"nbf": in_(62), "exp": in_(120)}, id="CA-39 nbf"),
        pytest.param(lambda: {"jti": None}, id="CA-41"),
        pytest.param(lambda: {"key": world.rsa_key("stranger")}, id="CA-17"),
        pytest.param(
            lambda: {"key": world.rsa_key("stranger"), "header": {"kid": "tpp-key"}}, id="CA-17 kid"
        ),
        pytest.param(lambda: {"header": {"alg": "RS256"}}, id="CA-06"),
        pytest.param(lambda: {"header": {"kid": "../../dev/null"}}, id="CA-15"),
        pytest.param(lambda: {"header": {"typ": "at+jwt"}}, id="another type"),
    ],
)
def test_a_wrong_assertion_is_refused_and_leaves_nothing(tpp, endpoint, change):
    assert endpoint.serves(tpp)
    used = UsedProof.objects.count()

    with nothing_stored():
        not_identified(endpoint.call(tpp, authentication=tpp.authentication(**change())))

    assert UsedProof.objects.count() == used
    assert endpoint.serves(tpp)


@requirement("RFC7515-4.1.9", "RFC7523-3")
@pytest.mark.parametrize("typ", ["JWT", "jwt", "application/JWT", "Client-Authentication+jwt"])
def test_typ_is_a_media_type(tpp, endpoint, typ):
    assert endpoint.serves(tpp, authentication=tpp.authentication(header={"typ": typ}))


@case("CA-12", "CA-13", "CA-14")
@requirement("RFC7515-4", "RFC7523-3")
@pytest.mark.parametrize("hint", [*HINTS, JWK_HINT, CHAIN_HINT])
def test_hints_of_the_key_are_not_minded_and_not_believed(tpp, endpoint, hint, forbid_fetching):
    assert endpoint.serves(tpp, authentication=tpp.authentication(header=hint))

    header = hint | {"kid": "tpp-key"}
    forged = tpp.authentication(key=world.rsa_key("stranger"), header=header)
    with nothing_stored():
        not_identified(endpoint.call(tpp, authentication=forged))


@case("CA-39")
@requirement("FAPI2-SP-FINAL-5.3.2.1-13")
def test_a_clock_eight_seconds_ahead_is_forgiven(tpp, endpoint):
    proof = tpp.authentication(iat=in_(8), nbf=in_(8))

    assert endpoint.serves(tpp, authentication=proof)


@case("CA-43")
@requirement("RFC7523-3")
def test_an_assertion_is_used_once_wherever_it_goes(tpp, endpoint, token_endpoint):
    same = tpp.authentication()
    assert endpoint.serves(tpp, authentication=same)

    with nothing_stored():
        not_identified(endpoint.call(tpp, authentication=same))
        not_identified(token_endpoint.call(tpp, authentication=same))


@case("CA-47")
@requirement("RFC7523-3")
def test_a_forged_assertion_uses_no_jti_up(tpp, endpoint):
    jti = str(uuid.uuid4())
    forged = tpp.authentication(jti=jti, key=world.rsa_key("stranger"), header={"kid": "tpp-key"})
    not_identified(endpoint.call(tpp, authentication=forged))

    genuine = tpp.authentication(jti=jti)
    assert endpoint.serves(tpp, authentication=genuine)
    not_identified(endpoint.call(tpp, authentication=genuine))


@case("CA-48")
@requirement("RFC7523-3")
def test_two_clients_may_use_the_same_jti(tpp, other_tpp, token_endpoint):
    jti = str(uuid.uuid4())

    assert token_endpoint.serves(tpp, authentication=tpp.authentication(jti=jti))
    assert token_endpoint.serves(other_tpp, authentication=other_tpp.authentication(jti=jti))


@requirement("RFC7523-3")
def test_a_jti_stays_used_when_the_rest_of_the_request_fails(tpp):
    same = tpp.authentication()
    refused(tpp.post("/token", {"grant_type": "nonsense"} | same), "unsupported_grant_type")

    not_identified(tpp.post("/token", {"grant_type": "client_credentials"} | same))


@case("CA-46")
@requirement("RFC7523-3")
def test_the_memory_of_a_jti_outlives_the_assertion(tpp):
    exp = in_(60)
    assert tpp.push(assertion={"exp": exp}).status_code == 201

    [used] = UsedProof.objects.all()
    assert used.expires_at.timestamp() >= exp + 10


@case("CA-36")
@requirement("RFC7523-3")
def test_the_client_id_beside_an_assertion_must_be_its_own(tpp, other_tpp, endpoint):
    with nothing_stored():
        not_identified(endpoint.call(tpp, client_id="other"))
        not_identified(endpoint.call(tpp, client_id="TPP"))
        refused(endpoint.call(tpp, client_id=["tpp", "tpp"]), "invalid_request")

    assert endpoint.serves(tpp, client_id="tpp")


@case("CA-50")
@requirement("RFC6749-3.2")
@pytest.mark.parametrize("name", ["client_assertion", "client_assertion_type"])
def test_an_assertion_is_sent_once(tpp, endpoint, name):
    proof = tpp.authentication()

    refused(endpoint.call(tpp, **(proof | {name: [proof[name]] * 2})), "invalid_request")


@case("CA-51")
@requirement("RFC7521-4.2")
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(None, id="absent"),
        pytest.param(ASSERTION_TYPE.upper(), id="upper case"),
        pytest.param(ASSERTION_TYPE + " ", id="a space"),
        pytest.param(ASSERTION_TYPE.replace("jwt", "saml2"), id="saml2"),
    ],
)
def test_the_assertion_type_is_the_one_we_know(tpp, endpoint, sent):
    not_identified(endpoint.call(tpp, client_assertion_type=sent))


@case("CA-03")
@requirement("RFC7521-4.2")
@pytest.mark.parametrize(
    "assertion",
    [None, "x", "..", "a.b", "a.b.c", "a.b.c.d", "a.b.c.d.e", "{}", "\u00e9.\u00e9.\u00e9"],
)
def test_what_is_no_assertion_is_refused(tpp, endpoint, assertion):
    not_identified(endpoint.call(tpp, client_assertion=assertion))


@case("CA-25")
@requirement("RFC7515-4")
def test_the_header_of_an_assertion_has_a_longest_length(tpp, endpoint):
    def proof(characters):
        return tpp.authentication(header=chain_filling(characters, tpp.assertion))

    assert endpoint.serves(tpp, authentication=proof(16_384))
    with nothing_stored():
        not_identified(endpoint.call(tpp, authentication=proof(16_386)))


@case("CA-25")
@requirement("FAPI2-SP-FINAL-5.3.2.1-6")
@pytest.mark.parametrize("size", [20_000, 50_000])
def test_a_huge_assertion_is_refused_unread(tpp, endpoint, size):
    huge = tpp.assertion(more="x" * size)

    not_identified(endpoint.call(tpp, client_assertion=huge))


@requirement("FAPI2-SP-FINAL-5.3.2.1-6")
def test_the_client_must_authenticate(tpp, endpoint):  # module 52
    with nothing_stored():
        not_identified(endpoint.call(tpp, authentication={}))
        not_identified(endpoint.call(tpp, authentication={"client_id": "tpp"}))


@case("CA-58")
@requirement("RFC8725-3.12")
@pytest.mark.parametrize("claims", [{}, {"sub": "tpp", "jti": "a"}])
def test_a_request_object_is_no_assertion(tpp, endpoint, claims):
    proof = {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": tpp.request_object(**claims),
    }

    not_identified(endpoint.call(tpp, authentication=proof))


@case("CA-08")
@requirement("FAPI2-SP-FINAL-5.4")
def test_a_client_may_be_held_to_one_algorithm(openfinance, make_tpp, endpoint):
    held = make_tpp("held", openfinance, signing_algorithm="PS256")
    assert endpoint.serves(held)

    Client.objects.filter(pk=held.client.pk).update(signing_algorithm="ES256")
    not_identified(endpoint.call(held))


@case("CA-63")
@requirement("RFC6749-2.3")
@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic",
        "Basic %%%",
        "Basic dHBwOng=",
        "a b c",
        "",
        "\u00e9",
    ],
)
def test_a_second_credential_in_the_header_is_refused(tpp, endpoint, header):
    with nothing_stored():
        not_identified(endpoint.call(tpp, headers={"Authorization": header}))
        not_identified(endpoint.call(tpp, authentication={}, headers={"Authorization": header}))


@case("CA-53")
@requirement("RFC6749-2.3")
def test_a_client_secret_is_refused(tpp, endpoint):
    with nothing_stored():
        not_identified(endpoint.call(tpp, client_secret="secret"))
        not_identified(
            endpoint.call(tpp, authentication={"client_id": "tpp", "client_secret": "secret"})
        )


@case("CA-56")
@requirement("FAPI2-SP-FINAL-5.3.2.1-6")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda tpp: _set(tpp.client, state="suspended"), id="a suspended client"),
        pytest.param(lambda tpp: _set(tpp.client, state="pending"), id="a pending client"),
        pytest.param(
            lambda tpp: _set(tpp.client.participant, state="suspended"), id="its participant"
        ),
        pytest.param(
            lambda tpp: _set(tpp.client, token_endpoint_auth_method="tls_client_auth"),
            id="another method",
        ),
        pytest.param(lambda tpp: _set(tpp.client, client_jwks={"keys": []}), id="no key left"),
        pytest.param(lambda tpp: _set(tpp.client, client_jwks=None), id="no keys"),
        pytest.param(lambda tpp: _set(tpp.client, client_jwks={"keys": 5}), id="broken keys"),
        pytest.param(lambda tpp: _set(tpp.client, client_id="renamed"), id="an unknown client"),
    ],
)
def test_everybody_gets_the_same_answer(tpp, endpoint, change):
    wrong_key = {"key": world.rsa_key("stranger"), "header": {"kid": "tpp-key"}}
    known = endpoint.call(tpp, authentication=tpp.authentication(**wrong_key))
    assert endpoint.serves(tpp)
    proof = tpp.authentication()

    change(tpp)
    with nothing_stored():
        answer = endpoint.call(tpp, authentication=proof)

    not_identified(answer)
    assert answer.content == known.content
    assert _headers(answer) == _headers(known)


def _set(row, **values):
    type(row).objects.filter(pk=row.pk).update(**values)


def _headers(response):
    return {
        name: value for name, value in response.items() if name.lower() != "x-fapi-interaction-id"
    }


@requirement("FAPI2-SP-FINAL-5.3.2.1-6")
def test_an_unknown_client_costs_as_much_as_a_wrong_signature(tpp, token_endpoint, monkeypatch):

    judged = []
    verify = client_assertion.verify

    def watched(*args, **how):
        judged.append(how)
        return verify(*args, **how)

    monkeypatch.setattr(client_assertion, "verify", watched)
    for client_id in ("tpp", "nobody"):
        wrong = {"key": world.rsa_key("stranger"), "header": {"kid": "tpp-key"}}
        names = {"iss": client_id, "sub": client_id}
        not_identified(
            token_endpoint.call(tpp, authentication=tpp.authentication(**wrong, **names))
        )

    known, unknown = judged
    assert len(known["keys"]) >= 1
    found = {(key.algorithm, key.kid) for key in unknown["keys"].keys}
    assert found == {(each, "tpp-key") for each in ("PS256", "ES256", "Ed25519")}


@requirement("FAPI2-SP-FINAL-5.3.2.1-6")
def test_a_switched_off_ecosystem_answers_nobody(tpp, endpoint):
    _set(tpp.ecosystem, is_active=False)

    assert endpoint.call(tpp).status_code == 404


@requirement("FAPI2-SP-FINAL-5.3.2.1-6")
def test_a_client_of_another_ecosystem_is_unknown(tpp, uae, make_tpp, endpoint):
    foreign = make_tpp("foreign", uae)
    proof = foreign.authentication(aud=tpp.ecosystem.issuer)

    with nothing_stored():
        not_identified(endpoint.call(tpp, authentication=proof))


@case("CA-61")
@requirement("FAPI2-SP-FINAL-5.3.2.1-6")
def test_nothing_is_told_before_authentication(tpp):
    wrong = {"key": world.rsa_key("stranger"), "header": {"kid": "tpp-key"}}
    good = tpp.push(assertion=wrong)
    bad = tpp.push(assertion=wrong, redirect_uri="https://evil.example/")

    not_identified(good)
    assert good.content == bad.content


@case("CA-62")
@requirement("FAPI2-SP-FINAL-5.3.2.1-6")
@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "a\r\nX-Evil: 1", "\x1b[31m", "canary" * 50]
)
def test_the_input_is_not_echoed(tpp, endpoint, text):
    proof = tpp.authentication(iss=text, sub=text, header={"kid": text})
    answer = endpoint.call(tpp, authentication=proof, client_id=text)

    not_identified(answer)
    assert text not in answer.content.decode()
    assert "X-Evil" not in answer
    assert not Participant.objects.filter(legal_name__contains="script").exists()
