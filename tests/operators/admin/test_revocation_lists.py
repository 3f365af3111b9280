"""The revocation lists of CAs, as an operator keeps them. Case MT-09."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone

from authserver.ecosystems.models import RevocationList
from tests.support import certificates
from tests.support.ca import URL
from tests.support.certificates import issue, issuing
from tests.support.operator import (
    errors_of,
    events_since,
    last_event,
    mark,
    messages_of,
    page,
    saved,
)

case = pytest.mark.case
requirement = pytest.mark.requirement
pytestmark = pytest.mark.case("MT-09")


@pytest.fixture
def anchor(openfinance):
    return openfinance.trust_anchors.get(kind="issuing")


def pem_of(made):
    return made.public_bytes(Encoding.PEM).decode()


def listing(*revoked, **how):
    return pem_of(certificates.revocation_list(*revoked, **how))


@pytest.fixture
def kept(openfinance, ca):
    """A list that was fetched, and does not count yet."""
    row = ca.is_kept(openfinance, policy="not_checked")
    ca.publishes(issue("somebody", by=issuing()))
    ca.is_asked()
    return row


def test_a_list_is_registered_fetched_and_required(boss, anchor, ca):
    before = mark()
    ca.publishes(issue("somebody", by=issuing()))

    response = boss.adds(RevocationList, anchor=anchor.pk, url=URL)

    row = RevocationList.objects.get()
    assert saved(response) == page(RevocationList, "change", row.pk)
    assert (row.policy, row.next_update) == ("not_checked", None)
    *_, said = messages_of(boss.presses(row, "fetch"))
    assert said == "The list is kept; revoked certificates on it: 1."
    boss.presses(row, "require")
    row.refresh_from_db()
    assert (row.policy, row.revoked_count) == ("required", 1)
    assert events_since(before) == ["crl.added", "crl.stored", "crl.changed"]
    assert last_event().actor == "boss"
    assert last_event().facts["changed"] == {"policy": ["not_checked", "required"]}


def test_its_state_is_shown(boss, kept, ca):
    kept.refresh_from_db()
    shown = boss.get(page(RevocationList, "change", kept.pk)).content.decode()

    for text in (f"{kept.next_update:%Y-%m-%d %H:%M:%S}", "Not checked", URL):
        assert text in shown
    ca.is_down()
    assert messages_of(boss.presses(kept, "fetch")) == ["No newer list was kept: no connection."]
    for name in ("change", "changelist"):
        args = [kept.pk] if name == "change" else []
        assert "no connection" in boss.get(page(RevocationList, name, *args)).content.decode()


def test_what_requiring_it_breaks_is_said_before(boss, kept, tpp, ca):
    asked = page(RevocationList, "do", kept.pk, "require")
    before = mark()
    assert "Active ones of this CA: 2; refused now, being on the list: 0." in (
        boss.get(asked).content.decode()
    )

    ca.publishes(tpp.certificate, number=2)
    ca.is_asked()
    assert "refused now, being on the list: 1." in boss.get(asked).content.decode()
    RevocationList.objects.update(next_update=timezone.now() - timedelta(seconds=1))
    assert "No list is in date: all 2 active ones" in boss.get(asked).content.decode()
    assert events_since(before) == ["crl.stored"]


def test_it_can_be_switched_off_and_then_forgotten(boss, kept):
    boss.presses(kept, "require")
    assert "not possible any more" in boss.presses(kept, "remove").content.decode()

    before = mark()
    boss.presses(kept, "ignore")
    boss.presses(kept, "remove")

    assert events_since(before) == ["crl.changed", "crl.removed"]
    assert not RevocationList.objects.exists()


def test_a_list_can_be_pasted(boss, anchor):
    response = boss.adds(RevocationList, anchor=anchor.pk, url="", pasted=listing(7, number=2))

    assert saved(response)
    row = RevocationList.objects.get()
    assert (row.url, row.revoked_count, row.number) == ("", 1, "2")
    assert [each.serial_number for each in row.revoked.all()] == ["7"]
    assert saved(boss.changes(row, pasted=listing(7, 8, number=3)))
    row.refresh_from_db()
    assert row.revoked_count == 2
    older = boss.changes(row, pasted=listing(7, number=2))
    assert errors_of(older) == {"pasted": ["The list is older than the one that is kept."]}


@case("JW-27")
@requirement("RFC5280-6.3.3")
@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"url": "ldap://pki.example.com/"}, "url", "It cannot be fetched: the URL is not https"),
        ({"url": "http://127.0.0.1/a.crl"}, "url", "It cannot be fetched: the host is an address"),
        ({"pasted": "hello"}, "pasted", "This is not a revocation list that can be read."),
        ({"pasted": "x" * 100_001}, "pasted", "Ensure this value has at most 100000"),
        (
            {"pasted": listing(7, key=issue("x").key)},
            "pasted",
            "The signature of the list is not that of the CA.",
        ),
        ({"pasted": listing(7, by=certificates.root())}, "pasted", "The list is of another CA."),
    ],
    ids=["ldap", "an address", "text", "too long", "another key", "another CA"],
)
def test_what_cannot_be_kept_is_refused(boss, anchor, typed, field, sentence):
    before = mark()

    response = boss.adds(RevocationList, **{"anchor": anchor.pk, "url": URL} | typed)

    assert errors_of(response)[field][0].startswith(sentence)
    assert not RevocationList.objects.exists()
    assert events_since(before) == []


def test_another_place_can_be_named(boss, kept):
    before = mark()

    assert saved(boss.changes(kept, url="https://pki.example.com/new.crl"))

    kept.refresh_from_db()
    assert kept.url == "https://pki.example.com/new.crl"
    assert kept.revoked_count == 1
    assert events_since(before) == ["crl.changed"]


def test_a_ca_has_one_list(boss, kept, anchor):
    response = boss.adds(RevocationList, anchor=anchor.pk, url=URL)

    assert "already exists" in errors_of(response)["anchor"][0]


def test_a_revoked_certificate_is_refused_where_it_is_pasted(operator, openfinance, tpp, ca):
    taken_back = issue("new", by=issuing())
    ca.is_kept(openfinance)
    ca.publishes(taken_back)
    ca.is_asked()

    model = type(tpp.client.certificates.get())
    response = operator.adds(model, client=tpp.client.pk, pem=taken_back.pem)

    assert errors_of(response) == {"pem": ["It was revoked by the CA that issued it."]}
    good = issue("new", by=issuing())
    assert saved(operator.adds(model, client=tpp.client.pk, pem=good.pem))


def test_only_who_may_change_trust_may_change_it(operator, kept):
    assert operator.get(page(RevocationList, "change", kept.pk)).status_code == 200
    for verb in ("fetch", "require", "remove"):
        address = page(RevocationList, "do", kept.pk, verb)
        assert operator.http.post(address).status_code == 403
