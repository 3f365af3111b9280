"""Times are told, and days counted, where the ecosystem's people live.

Every case has its twin in another zone, in which the same request means something else.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from authserver.protocol import profiles
from authserver.protocol.errors import InvalidAuthorizationDetails
from consents import types
from consents.models import Consent, ConsentState
from consents.templatetags import times
from tests.support import details, world
from tests.support.details import changed, rfc3339
from tests.support.person import Person

case = pytest.mark.case
requirement = pytest.mark.requirement

DUBAI, SAMOA, LINE = ZoneInfo("Asia/Dubai"), ZoneInfo("Pacific/Pago_Pago"), "Pacific/Kiritimati"
UAE_PAYMENT = "urn:openfinanceuae:service-initiation-consent:v2.1"
# Half past eight in the evening of the 6th by UTC is half past midnight of the 7th in Dubai.
END = datetime(2027, 1, 7, 0, 30, tzinfo=DUBAI)
NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def in_words(day):
    return f"{day.day} {day:%B %Y}"


def paid_on(*days, end=END, now=NOW):
    """Payments on these days, under a consent that ends at this instant."""
    amount = {"Amount": "10.00", "Currency": "AED"}
    schedule = [{"PaymentExecutionDate": day.isoformat(), "Amount": amount} for day in days]
    detail = details.payments({"Type": "FixedDefinedSchedule", "Schedule": schedule})
    for name, value in (
        ("ExpirationDateTime", end.isoformat()),
        ("AuthorizationExpirationDateTime", rfc3339(now + timedelta(hours=1))),
    ):
        detail = changed(detail, f"consent.{name}", value)
    return detail


@requirement("CBUAE-2.4a")
@pytest.mark.parametrize(
    ("day", "zone", "accepted"),
    [
        ("2026-12-01", DUBAI, True),
        ("2026-11-30", DUBAI, False),
        ("2026-11-30", SAMOA, True),
        ("2026-11-29", SAMOA, False),
        ("2027-01-07", DUBAI, True),
        ("2027-01-08", DUBAI, False),
        ("2027-01-06", UTC, True),
        ("2027-01-07", UTC, False),
    ],
)
def test_payments_fall_on_days_of_the_consent_there(day, zone, accepted):
    wanted = paid_on(datetime.fromisoformat(day).date())
    if accepted:
        types.offered()[UAE_PAYMENT].require_valid(wanted, now=NOW, zone=zone)
    else:
        with pytest.raises(InvalidAuthorizationDetails, match="a payment is not between"):
            types.offered()[UAE_PAYMENT].require_valid(wanted, now=NOW, zone=zone)


@requirement("RAR-5")
@pytest.mark.parametrize(
    ("instant", "zone", "first"),
    [
        ("2026-12-01T21:00:00+00:00", UTC, "2026-12-01"),
        ("2026-12-01T21:00:00+00:00", DUBAI, "2026-12-02"),
        ("2026-12-01T09:00:00+00:00", SAMOA, "2026-11-30"),
        ("2026-12-02T00:00:05+00:00", UTC, "2026-12-01"),  # the sender's clock may be behind
        ("2026-12-02T00:00:11+00:00", UTC, "2026-12-02"),
    ],
)
def test_a_payment_is_dated_today_there_at_the_earliest_and_ends_after_that_day(
    instant, zone, first
):
    now, day = datetime.fromisoformat(instant), datetime.fromisoformat(first).date()
    kind = types.offered()["payment_initiation"]
    dated = details.payment_initiation(requestedExecutionDate=first)

    kind.require_valid(dated, now=now, zone=zone)
    ends = kind.expires_at(dated, now=now, zone=zone)
    assert ends is not None
    assert ends.tzinfo is UTC
    assert ends >= datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
    with pytest.raises(InvalidAuthorizationDetails, match="between today"):
        kind.require_valid(
            dated | {"requestedExecutionDate": str(day - timedelta(days=1))}, now=now, zone=zone
        )


def at_the_gulf(uae_tpp, uae, client, detail):
    """The page that asks somebody of the ecosystem, if the request is accepted."""
    pushed = uae_tpp.push_signed(authorization_details=[detail])
    if pushed.status_code != 201:
        return pushed, None
    somebody = Person(world.person("fatima", uae), client)
    somebody.sign_in()
    page = somebody.opens(uae_tpp, pushed.json()["request_uri"])
    chosen = {"accounts": ["acc-1"]}
    return pushed, somebody.follow(somebody.browser.post(page.request["PATH_INFO"], chosen))


@case("AZ-34")
@requirement("CBUAE-2.4a")
@pytest.mark.parametrize(
    ("zone", "days_later", "hour"),
    [
        ("", 1, "00:30 Dubai time"),
        ("UTC", 0, "20:30 UTC"),
        ("Asia/Kolkata", 1, "02:00 UTC+05:30"),
    ],
)
def test_the_last_day_that_is_shown_can_be_paid_on(
    still, uae_tpp, uae, client, zone, days_later, hour
):
    uae.time_zone = zone
    uae.authorization_details_types = [UAE_PAYMENT]
    uae.save()
    uae_tpp.client.authorization_details_types = [UAE_PAYMENT]
    uae_tpp.client.save()
    now = timezone.now()
    end = (now + timedelta(days=30)).replace(hour=20, minute=30, second=0, microsecond=0)
    last = end.date() + timedelta(days=days_later)

    pushed, page = at_the_gulf(uae_tpp, uae, client, paid_on(last, end=end, now=now))
    assert pushed.status_code == 201, pushed.content
    assert f"Until {in_words(last)}, {hour}" in text_of(page)
    pushed, _ = at_the_gulf(
        uae_tpp, uae, client, paid_on(last + timedelta(days=1), end=end, now=now)
    )
    assert pushed.json()["error"] == "invalid_authorization_details"


@case("LG-23", "AZ-34")
@pytest.mark.parametrize("place", ["", "/receipt", "/revoke"])
def test_every_page_of_a_consent_tells_its_times_there(still, tpp, openfinance, person, place):
    """Each instant is of another day by UTC than there."""
    openfinance.time_zone = LINE
    openfinance.save()
    evening = timezone.now().replace(hour=18, minute=7, second=0, microsecond=0)
    days = [evening - timedelta(days=ago) for ago in (9, 6, 3)] + [evening + timedelta(days=9)]
    made = Consent.objects.create(
        ecosystem=openfinance,
        client=tpp.client,
        user=person.user,
        state=ConsentState.AUTHORIZED,
        scope="openid accounts",
        authorized_at=days[1],
        last_used_at=days[2],
        expires_at=days[3],
    )
    Consent.objects.filter(pk=made.pk).update(created_at=days[0])

    shown = text_of(person.browser.get(f"/consents/{made.pk}{place}"))

    assert not [day for day in days if in_words(day) in shown]
    if place != "/revoke":
        assert f"Until {in_words(days[3] + timedelta(days=1))}, 08:07 UTC+14:00" in shown
        assert f"{in_words(days[2] + timedelta(days=1))}, 08:07 UTC+14:00" in shown


@case("LG-23")
def test_in_the_list_each_consent_is_told_where_its_own_ecosystem_is(
    still, tpp, openfinance, uae_tpp, uae, person
):
    openfinance.time_zone = "Pacific/Pago_Pago"
    openfinance.save()
    night = (timezone.now() + timedelta(days=30)).replace(hour=21, minute=0)
    morning = (timezone.now() - timedelta(days=30)).replace(hour=3, minute=0)
    for owner in (tpp, uae_tpp):
        Consent.objects.create(
            ecosystem=owner.ecosystem,
            client=owner.client,
            user=person.user,
            state=ConsentState.AUTHORIZED,
            scope="openid",
            authorized_at=morning,
            last_used_at=morning,
            expires_at=night,
        )

    west, gulf = re.findall(
        r"<article.*?</article>", person.browser.get("/consents/").content.decode(), re.DOTALL
    )
    if "Uae-Tpp" in west:
        west, gulf = gulf, west

    assert f"{in_words(night)}, 10:00 UTC-11:00" in west
    assert west.count(in_words(morning - timedelta(days=1))) == 2
    assert f"{in_words(night + timedelta(days=1))}, 01:00 Dubai time" in gulf
    assert gulf.count(in_words(morning)) == 2


def test_no_page_for_people_tells_a_time_without_its_zone():
    """``date`` is for days that have no hour; an instant goes through the filters with a zone."""
    templates = Path(__file__).parents[3] / "templates"
    told = [
        f"{path.relative_to(templates)}: {found}"
        for path in templates.rglob("*.html")
        if path.parts[len(templates.parts)] not in ("admin", "profile.html")
        for found in re.findall(
            r"[\w.]+\|(?:date|time|timesince|timeuntil|naturaltime)\b", path.read_text()
        )
    ]

    assert sorted(told) == [
        "consents/parts/fact.html: fact.value|date",
        "consents/parts/payment.html: payment.execution_date|date",
    ]


@pytest.mark.parametrize(
    ("instant", "zone", "words"),
    [
        ("2027-01-07T00:30:00+04:00", DUBAI, "7 January 2027, 00:30 Dubai time"),
        ("2027-01-07T00:00:00+04:00", DUBAI, "6 January 2027"),
        ("2027-01-07T00:00:01+04:00", DUBAI, "7 January 2027, 00:00 Dubai time"),
        ("2027-01-07T23:59:00+04:00", DUBAI, "7 January 2027"),
        ("2027-01-07T23:59:59+04:00", DUBAI, "7 January 2027"),
        ("2027-01-07T23:58:59+04:00", DUBAI, "7 January 2027, 23:58 Dubai time"),
        ("2027-01-07T23:59:59+04:00", UTC, "7 January 2027, 19:59 UTC"),
        ("9999-12-31T23:59:59+00:00", DUBAI, "31 December 9999"),
        ("9999-12-31T22:00:00+00:00", DUBAI, "31 December 9999, 22:00 UTC"),
        ("2027-07-01T12:00:00+00:00", ZoneInfo("America/St_Johns"), "1 July 2027, 09:30 UTC-02:30"),
    ],
)
def test_an_end_is_told_with_its_hour_unless_the_day_is_whole(instant, zone, words):
    assert times.limit(datetime.fromisoformat(instant), zone) == words


def test_the_hour_is_told_in_arabic():
    with translation.override("ar"):
        assert times.moment(END, DUBAI) == "7 يناير 2027، 00:30 بتوقيت دبي"


@pytest.mark.parametrize(
    ("profile", "zone"),
    [
        ("cbuae", "Asia/Dubai"),
        ("ksa", "Asia/Riyadh"),
        ("connectid-au", "Australia/Sydney"),
        ("fapi2-security", "UTC"),
        ("fapi2-message-signing", "UTC"),
        ("ffi", "UTC"),
    ],
)
def test_an_ecosystem_is_where_its_profile_is_unless_it_says_so(db, profile, zone):
    made = world.ecosystem("place", profile=profile)
    assert made.zone.key == zone
    made.time_zone = "Asia/Kolkata"
    made.full_clean()
    assert made.zone.key == "Asia/Kolkata"


def test_every_profile_names_a_zone_that_there_is():
    for profile in profiles.OFFERED.values():
        assert ZoneInfo(profile.time_zone).utcoffset(NOW) is not None


@pytest.mark.parametrize(
    "name",
    [
        "GMT+4",
        "EST",
        "Asia/Nowhere",
        "asia/dubai",
        "+04:00",
        "../etc/passwd",
        "/etc/localtime",
        "x",
    ],
)
def test_a_zone_is_written_by_the_name_of_its_place(openfinance, name):
    for accepted in ("Asia/Dubai", "America/Argentina/Buenos_Aires", "UTC", ""):
        openfinance.time_zone = accepted
        openfinance.full_clean()

    openfinance.time_zone = name
    with pytest.raises(ValidationError) as refusal:
        openfinance.full_clean()
    assert set(refusal.value.message_dict) == {"time_zone"}


def test_the_published_profile_says_where_dates_are_counted(client, uae):
    assert client.get("/uae/profile").json()["in_force"]["time_zone"] == "Asia/Dubai"
    page = client.get("/uae/profile", headers={"Accept": "text/html"})
    assert "<code>Asia/Dubai</code>" in page.content.decode()
