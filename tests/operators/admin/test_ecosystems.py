"""Ecosystems and the CAs that they trust."""

from datetime import timedelta

import pytest

from authserver.ecosystems.models import Ecosystem, TrustAnchor
from tests.support import certificates, world
from tests.support.operator import errors_of, events_since, last_event, mark, page, saved

case = pytest.mark.case
requirement = pytest.mark.requirement


def make(operator, **changes):
    typed = {
        "name": "New",
        "slug": "new",
        "issuer": "https://as.example.com/new",
        "machine_base": "https://mtls.as.example.com/new",
        "profile": "fapi2-security",
        "scopes": "openid: Know that it is you\naccounts: See your accounts: all of them",
        "client_credentials_scopes": "accounts",
        "authorization_details_types": ["account_information"],
        "languages": ["en", "ar"],
    }
    return operator.adds(Ecosystem, **{**typed, **changes})


def test_an_ecosystem_is_made_and_answers(boss, client):
    before = mark()

    response = make(boss)

    made = Ecosystem.objects.get(slug="new")
    assert saved(response) == page(Ecosystem, "change", made.pk)
    assert made.scopes == {
        "openid": "Know that it is you",
        "accounts": "See your accounts: all of them",
    }
    assert made.client_credentials_scopes == ["accounts"]
    assert made.authorization_details_types == ["account_information"]
    assert made.languages == ["en", "ar"]
    assert events_since(before) == ["ecosystem.created"]
    assert client.get("/new/.well-known/openid-configuration").json()["issuer"] == made.issuer


@case("AD-07")
@requirement("CBUAE-4.2a", "CBUAE-2.1.2", "FAPI2-SP-FINAL-5.3.2.2-12", "RFC6749-3.3")
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("slug", "admin", "This name is needed by the server itself"),
        ("issuer", "https://as.example.com/other", "ends in the path"),
        ("issuer", "http://as.example.com/new", "ends in the path"),
        ("request_uri_seconds", "600", "At most 599 [FAPI2-SP-FINAL-5.3.2.2-12]."),
        ("access_token_seconds", "601", "At most 600"),
        ("scopes", "openid", "Write a name, a colon and a sentence on every line."),
        ("scopes", "two words: A sentence\naccounts: Another", "Not the name of a scope"),
        ("client_credentials_scopes", "payments", "Not among the scopes: payments."),
        ("authorization_details_types", ["unknown"], "Select a valid choice"),
        ("languages", [], "required"),
        ("accent_colour", "#ffff00", "people need 4.5"),
        ("accent_colour", "red", "# and six hex digits"),
        ("privacy_url", "javascript:alert(1)", "Enter a valid URL"),
        ("privacy_url", "http://new.example/privacy", "starts with https://"),
        ("terms_url", "http://new.example/terms", "starts with https://"),
        ("profile", "fapi1", "Select a valid choice"),
    ],
)
def test_what_an_ecosystem_cannot_be_is_refused(boss, field, value, sentence):
    before = mark()

    errors = errors_of(make(boss, **{field: value}))

    assert field in errors
    assert any(sentence in each for each in errors[field])
    assert not Ecosystem.objects.exists()
    assert events_since(before) == []


@case("LO-06")
def test_a_change_is_recorded(boss, openfinance):
    before = mark()

    assert saved(boss.changes(openfinance, access_token_seconds="120"))

    openfinance.refresh_from_db()
    assert openfinance.access_token_seconds == 120
    assert events_since(before) == ["ecosystem.changed"]
    assert last_event().facts == {"changed": {"access_token_seconds": ["", "120"]}}


def test_the_issuer_is_fixed_once_a_participant_knows_it(boss, openfinance, tpp):
    boss.changes(openfinance, slug="other", issuer="https://as.example.com/other")

    openfinance.refresh_from_db()
    assert openfinance.slug == "openfinance"
    assert openfinance.issuer == "https://as.example.com/openfinance"


@requirement("CBUAE-4.2a", "CBUAE-4.2b")
def test_a_profile_that_would_break_its_clients_is_refused_and_names_them(boss, openfinance, tpp):
    """The tests' client publishes its keys by value, which the UAE profile refuses."""
    response = boss.changes(openfinance, profile="cbuae")

    [sentence] = errors_of(response)["__all__"]
    assert "tpp: Keys by value are refused" in sentence
    assert "[CBUAE-4.2b]" in sentence
    openfinance.refresh_from_db()
    assert openfinance.profile == "fapi2-security"
    assert saved(boss.changes(openfinance, profile="fapi2-message-signing"))


@requirement("RFC6749-3.3")
def test_a_scope_that_clients_have_cannot_be_taken_from_the_offer(boss, openfinance, tpp):
    kept = "\n".join(f"{name}: x" for name in openfinance.scopes if name != "payments")

    response = boss.changes(openfinance, scopes=kept, client_credentials_scopes="accounts")

    assert "tpp: Not on offer here: payments. [RFC6749-3.3]" in errors_of(response)["__all__"][0]


def test_switching_off_says_what_breaks_and_every_endpoint_answers_404(boss, openfinance, tpp):
    told = boss.get(page(Ecosystem, "do", openfinance.pk, "switch-off")).content.decode()
    assert "Active clients that are refused: 2." in told
    before = mark()

    boss.presses(openfinance, "switch-off")
    assert tpp.push().status_code == 404
    boss.presses(openfinance, "switch-on")
    assert tpp.push().status_code == 201

    assert events_since(before)[:2] == ["ecosystem.changed", "ecosystem.changed"]


def trust(operator, ecosystem, pem):
    return operator.adds(TrustAnchor, ecosystem=ecosystem.pk, certificate=pem)


@requirement("FFI-2")
def test_a_pasted_ca_is_trusted_and_shown(boss, openfinance):
    root = certificates.issue("Another Root", ca=True)
    issuing = certificates.issue("Another Issuing CA", by=root, ca=True)
    before = mark()

    response = trust(boss, openfinance, root.pem)
    trust(boss, openfinance, issuing.pem)

    kinds = dict(openfinance.trust_anchors.values_list("subject", "kind"))
    assert kinds["CN=Another Root,O=Test,C=AE"] == "root"
    assert kinds["CN=Another Issuing CA,O=Test,C=AE"] == "issuing"
    assert events_since(before) == ["ecosystem.trust_anchor_added"] * 2
    assert "CN=Another Root,O=Test,C=AE" in boss.get(saved(response)).content.decode()


@requirement("CBUAE-4.3", "FFI-2")
def test_clients_come_with_certificates_of_the_trust_framework_alone(boss, uae, make_tpp):
    """Imported root and issuing CA, and the same client gets in that did not before."""
    root = certificates.issue("Framework Root", ca=True)
    issuing = certificates.issue("Framework Issuing CA", by=root, ca=True)
    world.bank(uae)
    tpp = make_tpp("budget", uae)
    framework = certificates.issue("budget", by=issuing)
    world.register_certificate(tpp.client, framework)
    caller = tpp.with_certificate(framework)

    assert caller.token(grant_type="client_credentials", scope="accounts").status_code == 401
    for each in (root, issuing):
        assert saved(trust(boss, uae, each.pem))
    assert caller.token(grant_type="client_credentials", scope="accounts").status_code == 200


@case("AD-20")
@requirement("FFI-2")
@pytest.mark.parametrize(
    ("make_pem", "sentence"),
    [
        (lambda: certificates.transport("tpp").pem, "This is not the certificate of a CA"),
        (
            lambda: certificates.issue("Old Root", ca=True, ends=timedelta(hours=-1)).pem,
            "It expired on",
        ),
        (lambda: certificates.root().key_pem, "This contains a private key."),
        (lambda: "hello", "No PEM certificate"),
        (
            lambda: certificates.root().pem + certificates.issuing().pem,
            "This contains several certificates",
        ),
    ],
    ids=["a client's", "expired", "a private key", "no certificate", "two"],
)
def test_what_is_no_ca_is_refused_with_a_sentence(boss, openfinance, make_pem, sentence):
    before = mark()

    errors = errors_of(trust(boss, openfinance, make_pem()))

    assert errors["certificate"][0].startswith(sentence)
    assert openfinance.trust_anchors.count() == 2
    assert events_since(before) == []


def test_a_ca_is_trusted_once(boss, openfinance):
    before = mark()

    assert saved(trust(boss, openfinance, certificates.root().pem))

    assert openfinance.trust_anchors.count() == 2
    assert events_since(before) == []


@case("LO-06")
@requirement("FFI-2")
def test_a_ca_that_is_no_longer_trusted_issues_for_nobody(boss, openfinance, make_tpp, bank):
    tpp = make_tpp(
        "by-certificate",
        openfinance,
        token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_subject_dn="CN=by-certificate,O=Test,C=AE",
    )
    anchor = openfinance.trust_anchors.get(kind="issuing")
    told = boss.get(page(TrustAnchor, "do", anchor.pk, "remove")).content.decode()
    assert "active ones: 2." in told
    assert tpp.push().status_code == 201
    before = mark()

    response = boss.presses(anchor, "remove")

    assert response.redirect_chain == [(page(TrustAnchor, "changelist"), 303)]
    assert not TrustAnchor.objects.filter(pk=anchor.pk).exists()
    assert events_since(before) == ["ecosystem.trust_anchor_removed"]
    assert tpp.push().status_code == 401
