"""Every ecosystem publishes the rules by which it plays: GET /<ecosystem>/profile."""

import pytest

from authserver.protocol import profiles
from authserver.protocol.profiles.table import rules
from tests.support import world

requirement = pytest.mark.requirement
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def get(client, accept="application/json", slug="uae"):
    return client.get(f"/{slug}/profile", headers={"Accept": accept} if accept else {})


@requirement("PRODUCT-7", "CBUAE-4.2a")
def test_a_machine_reads_every_rule_with_its_clause_and_value(uae, client):
    response = get(client)

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    body = response.json()
    assert body["issuer"] == uae.issuer
    assert body["profile"]["name"] == "cbuae"
    found = {each["name"]: each for each in body["rules"]}
    assert set(found) >= {name for name, _ in rules()}
    assert found["request_object_lifetime"]["value"] == 600
    assert found["request_object_lifetime"]["clause"] == "CBUAE-2.1.11"
    assert found["signing_algorithms"]["value"] == ["PS256"]
    assert found["mtls_everywhere"]["value"] is True


@requirement("PRODUCT-7")
def test_it_says_what_is_in_force_where_the_ecosystem_is_stricter(uae, client):
    assert get(client).json()["in_force"]["access_token_lifetime"] == 300
    uae.access_token_seconds = 130
    uae.save()

    assert get(client).json()["in_force"]["access_token_lifetime"] == 130
    assert "130 s" in get(client, BROWSER).content.decode()


@requirement("FFI-2")
def test_it_says_whose_certificates_are_taken(uae, client):
    found = get(client).json()["trusted_cas"]

    assert {each["kind"] for each in found} == {"root", "issuing"}
    assert all(set(each) == {"kind", "subject", "thumbprint", "not_after"} for each in found)
    assert "Test Issuing CA" in get(client, BROWSER).content.decode()


@requirement("PRODUCT-7")
@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("application/json", False),
        ("*/*", False),
        (None, False),
        ("application/json, text/html;q=0.5", False),
        ("application/json;q=0.5, text/html", True),
        ("image/png", False),
        ("nonsense", False),
    ],
)
def test_a_browser_gets_a_page_and_everything_else_json(uae, client, accept, is_page):
    response = get(client, accept)

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/html" if is_page else "application/json")
    assert "Accept" in response["Vary"]
    assert ("public" in response["Cache-Control"]) is not is_page  # a page carries a form's token


@requirement("PRODUCT-7")
@pytest.mark.parametrize("name", profiles.OFFERED)
def test_every_profile_can_be_published(db, client, name):
    world.ecosystem("somewhere", profile=name)
    profile = profiles.named(name)

    page = get(client, BROWSER, slug="somewhere").content.decode()

    assert f"<h1>{profile.title}</h1>" in page
    assert all(clause in page for clause in profile.clauses.values())
    assert get(client, slug="somewhere").json()["profile"]["title"] == profile.title


@requirement("PRODUCT-7")
def test_it_tells_nothing_of_clients_people_or_keys(uae, uae_tpp, client):
    secret = uae.subject_salt

    for accept in (BROWSER, "application/json"):
        text = get(client, accept).content.decode()
        assert secret not in text
        assert uae_tpp.client_id not in text
        assert "PRIVATE" not in text
        assert "BEGIN CERTIFICATE" not in text


@requirement("PRODUCT-7")
def test_it_is_read_only_and_of_active_ecosystems(uae, client):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)("/uae/profile").status_code == 405
    assert client.head("/uae/profile").status_code == 200
    uae.is_active = False
    uae.save()

    assert get(client).status_code == 404
    assert get(client, slug="nowhere").status_code == 404
