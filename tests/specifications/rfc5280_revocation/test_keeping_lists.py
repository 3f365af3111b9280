"""How the newest list of a CA is fetched and takes the place of the one before. Case MT-09."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone

from authserver import outbound
from authserver.audit.models import AuditEvent
from authserver.dashboard.waiting import waiting_at
from authserver.ecosystems.models import RevocationList, RevokedCertificate
from authserver.ecosystems.revocation import actions, lists
from authserver.outbound import OutboundError
from authserver.protocol.specs import mtls
from clients.actions import register_certificate
from tests.support import certificates
from tests.support.certificates import issue, issuing

pytestmark = pytest.mark.case("MT-09")


def serial_of(issued):
    return f"{issued.certificate.serial_number:x}"


@pytest.fixture
def first():
    return issue("first", by=issuing())


@pytest.fixture
def kept(openfinance, ca, first):
    """A list that is required, and names one certificate."""
    row = ca.is_kept(openfinance)
    ca.publishes(first, number=5, starts=timedelta(hours=-2))
    assert ca.is_asked() == ""
    row.refresh_from_db()
    return row


def serials():
    return set(RevokedCertificate.objects.values_list("serial_number", flat=True))


def events():
    found = AuditEvent.objects.filter(event__startswith="crl.").order_by("pk")
    return [event.removeprefix("crl.") for event in found.values_list("event", flat=True)]


def test_what_the_list_says_is_kept_and_recorded(kept, first):
    assert serials() == {serial_of(first)}
    assert (kept.number, kept.revoked_count, kept.last_error) == ("5", 1, "")
    assert kept.next_update > timezone.now() > kept.this_update
    assert kept.fetched_at is not None
    event = AuditEvent.objects.get(event="crl.stored")
    assert (event.actor, event.ecosystem) == ("refresh_crls", "openfinance")
    assert (event.facts["count"], event.facts["added"]) == (1, [serial_of(first)])


def test_a_newer_list_takes_its_place(kept, ca, first):
    second = issue("second", by=issuing())
    ca.publishes(second, number=6)

    assert ca.is_asked() == ""

    assert serials() == {serial_of(second)}
    assert events() == ["stored", "stored"]
    facts = AuditEvent.objects.filter(event="crl.stored").latest("pk").facts
    assert (facts["added"], facts["removed"]) == ([serial_of(second)], [serial_of(first)])


def test_the_same_list_again_is_no_news(kept, ca):
    assert ca.is_asked() == ""

    assert events() == ["stored"]
    assert RevocationList.objects.get().fetched_at > kept.fetched_at


def bad_signature(ca):
    ca.publishes(key=issue("x").key)


def older(ca):
    ca.publishes(number=6, starts=timedelta(hours=-3))


def lower_number(ca):
    ca.publishes(number=4)


def without_a_number_and_older(ca):
    ca.publishes(number=None, starts=timedelta(hours=-3))


def nothing(ca):
    ca.answer = b""


def too_large(ca):
    ca.answer = OutboundError("the answer is too large")


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (bad_signature, "The signature of the list is not that of the CA."),
        (older, "The list is older than the one that is kept."),
        (lower_number, "The list is older than the one that is kept."),
        (without_a_number_and_older, "The list is older than the one that is kept."),
        (nothing, "This is not a revocation list that can be read."),
        (too_large, "the answer is too large"),
    ],
)
def test_a_list_that_is_not_good_leaves_the_kept_one(kept, ca, first, happens, reason):
    happens(ca)

    for _ in range(2):
        assert ca.is_asked() == "1 lists could not be refreshed"

    row = RevocationList.objects.get()
    assert serials() == {serial_of(first)}
    assert (row.next_update, row.number, row.fetched_at) == (kept.next_update, "5", kept.fetched_at)
    assert row.last_error == reason
    assert events() == ["stored", "failed"]
    ca.publishes(first, number=6)
    assert ca.is_asked() == ""
    assert RevocationList.objects.get().last_error == ""


def test_one_list_that_fails_does_not_keep_the_others(openfinance, kept, ca, monkeypatch):
    other = ca.is_kept(openfinance, certificates.root())
    ca.publishes(number=6)

    assert ca.is_asked() == "1 lists could not be refreshed"

    other.refresh_from_db()
    assert other.last_error == "The list is of another CA."
    kept.refresh_from_db()
    assert kept.number == "6"


def test_an_answer_is_bounded_and_by_http_only_where_it_is_signed(kept, monkeypatch):
    asked = {}

    def fetch(url, **how):
        asked.update(how)
        return b""

    monkeypatch.setattr(outbound, "fetch_signed", fetch)
    lists.fetch_now(kept, by="test", now=timezone.now())

    assert asked == {"accept": "application/pkix-crl", "max_bytes": 5_000_000, "seconds": 15.0}


def test_many_entries_are_stored_in_few_statements(openfinance, ca, django_assert_max_num_queries):
    ca.is_kept(openfinance)
    made = certificates.revocation_list(*range(1, 3001))
    ca.answer = made.public_bytes(Encoding.DER)

    with django_assert_max_num_queries(20):
        assert ca.is_asked() == ""

    assert RevokedCertificate.objects.count() == 3000


def test_a_revoked_certificate_cannot_be_registered(kept, tpp, first):
    now = timezone.now()
    good = issue("good", by=issuing())
    register_certificate(tpp.client, pem=good.pem, by="test", now=now)

    with pytest.raises(mtls.BadCertificate) as refusal:
        register_certificate(tpp.client, pem=first.pem, by="test", now=now)
    assert refusal.value.sentence == "It was revoked by the CA that issued it."
    assert tpp.client.certificates.count() == 2


def why(now=None):
    return [each.why for each in waiting_at(now or timezone.now()) if "revocation" in each.why]


def test_operators_are_warned_before_it_is_too_late(kept, ca, at):
    assert why() == []

    with at(hours=18):
        [sentence] = why(timezone.now())
        assert sentence.startswith("its revocation list ends on")
    with at(hours=25):
        assert why(timezone.now()) == [
            "no revocation list of it is in date: its certificates are refused"
        ]
    ca.is_down()
    ca.is_asked()
    assert why() == ["its revocation list cannot be renewed: no connection"]
    actions.set_crl_policy(kept, RevocationList.Policy.NOT_CHECKED, by="test")
    assert why() == []
