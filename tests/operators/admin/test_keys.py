"""Signing keys: their life by buttons, their private half nowhere."""

import pytest

from authserver.keys.models import SigningKey
from authserver.storage.encryption import decrypt
from tests.support.operator import errors_of, events_since, mark, page, saved

case = pytest.mark.case
requirement = pytest.mark.requirement


def make(operator, ecosystem, algorithm):
    return operator.adds(SigningKey, ecosystem=ecosystem.pk, algorithm=algorithm)


@case("AD-12", "LO-06")
def test_a_key_is_made_published_and_its_private_half_is_nowhere(boss, openfinance, client):
    before = mark()

    response = make(boss, openfinance, "ES256")

    key = SigningKey.objects.latest("pk")
    assert (key.state, key.algorithm) == ("published", "ES256")
    assert events_since(before) == ["key.created"]
    shown = boss.get(saved(response)).content.decode()
    assert key.public_jwk["x"] in shown
    secret = decrypt(key.encrypted_private_key).splitlines()[1]
    assert secret not in shown
    assert key.encrypted_private_key not in shown
    published = client.get("/openfinance/jwks").json()["keys"]
    assert key.kid in {each["kid"] for each in published}


@requirement("CBUAE-2.3a", "CBUAE-4.2a")
def test_an_algorithm_that_the_profile_has_not_is_refused(boss, uae):
    errors = errors_of(make(boss, uae, "ES256"))

    assert errors["algorithm"] == ["Open Finance UAE security profile allows PS256 [CBUAE-2.3a]."]
    assert SigningKey.objects.filter(ecosystem=uae).count() == 1
    assert saved(make(boss, uae, "RSA-OAEP-256"))


def test_the_next_key_takes_over_without_a_break(boss, openfinance):
    old = SigningKey.objects.get(ecosystem=openfinance, algorithm="ES256")
    make(boss, openfinance, "ES256")
    new = SigningKey.objects.latest("pk")
    told = boss.get(page(SigningKey, "do", new.pk, "activate")).content.decode()
    assert f"{old} is retired; what it signed still verifies." in told
    before = mark()

    boss.presses(new, "activate")

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.state, new.state) == ("retired", "active")
    assert events_since(before) == ["key.activated"]


@case("LO-06")
def test_retiring_and_withdrawing_ask_first_and_are_recorded(boss, openfinance, client):
    key = SigningKey.objects.get(ecosystem=openfinance, algorithm="ES256")
    told = boss.get(page(SigningKey, "do", key.pk, "retire")).content.decode()
    assert "Nothing signs ES256" in told
    before = mark()

    boss.presses(key, "retire")
    boss.presses(key, "withdraw")

    key.refresh_from_db()
    assert key.state == "withdrawn"
    assert events_since(before) == ["key.retired", "key.retired"]
    assert "not possible any more" in boss.presses(key, "activate").content.decode()
    published = client.get("/openfinance/jwks").json()["keys"]
    assert key.kid not in {each["kid"] for each in published}


def test_operators_without_that_right_look_at_keys_only(operator, openfinance):
    key = SigningKey.objects.get(ecosystem=openfinance, algorithm="ES256")

    assert operator.get(page(SigningKey, "change", key.pk)).status_code == 200
    for verb in ("retire", "withdraw"):
        assert operator.presses(key, verb).status_code == 403
    assert operator.get(page(SigningKey, "add")).status_code == 403
    key.refresh_from_db()
    assert key.state == "active"


@case("DS-07")
def test_the_operator_whose_page_is_old_is_told(boss, openfinance, monkeypatch):
    key = SigningKey.objects.get(ecosystem=openfinance, algorithm="ES256")
    monkeypatch.setattr("authserver.keys.actions.retire", lambda key, by: False)

    told = boss.presses(key, "retire").content.decode()

    assert "Somebody else has changed this key meanwhile" in told
