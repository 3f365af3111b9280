"""The start page: what waits, what happened today, the next step."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from authserver.keys.models import SigningKey
from clients.models import Client, ClientCertificate, ClientKeySet, Participant
from tests.operators.admin.registering import register
from tests.operators.admin.start_page import next_step, start
from tests.support import certificates, world
from tests.support.operator import page

case = pytest.mark.case


def waits(operator):
    return [(each.what, each.why, each.urgent) for each in start(operator)["waiting"]]


def test_an_empty_server_says_where_to_begin(boss):
    context = start(boss)

    assert context["waiting"] == []
    assert [step.number for step in context["steps"]] == [1, 2, 3, 4, 5]
    assert context["steps"][0].url == reverse("admin:ecosystems_ecosystem_add")
    assert "Nothing waits." in boss.get(reverse("admin:index")).content.decode()


def test_a_newcomer_is_led_from_the_ecosystem_to_the_active_client(boss, openfinance):
    """Each step is taken through the page that the start page links to."""
    assert next_step(boss) == 2
    register(boss, openfinance)
    participant = Participant.objects.get()
    assert next_step(boss) == 3
    address = start(boss)["steps"][2].url
    assert address == page(Client, "add")
    boss.fill(
        f"{address}?participant={participant.pk}",
        name="Budget",
        client_id="budget",
        client_jwks_uri="https://budget.example.com/jwks.json",
        redirect_uris="https://budget.example.com/callback",
    )
    client = Client.objects.get()
    assert next_step(boss) == 4
    world.register_certificate(client, certificates.transport("budget"))
    assert next_step(boss) == 5
    boss.presses(participant, "activate")
    boss.presses(client, "activate")
    assert next_step(boss) is None


def test_what_waits_is_told_the_urgent_first(boss, tpp, uae_tpp):
    world.participant("Waiting", ecosystem=tpp.ecosystem)
    Participant.objects.filter(trading_name="Waiting").update(state="pending")
    Client.objects.filter(client_id="tpp").update(state="pending")
    ClientKeySet.objects.filter(client=uae_tpp.client).update(last_error="no answer within 4 s")
    SigningKey.objects.filter(ecosystem=uae_tpp.ecosystem).update(state="retired")

    assert waits(boss) == [
        ("Uae", "has no active key to sign with: it cannot issue tokens", True),
        ("uae-tpp", "its keys cannot be fetched: no answer within 4 s", True),
        ("Waiting", "a participant that waits to be let in", False),
        ("tpp", "a client that waits to be let in", False),
    ]


@pytest.mark.parametrize(
    ("days", "told"),
    [(31, False), (29, True), (-1, True)],
)
def test_a_certificate_that_ends_soon_is_told_in_time(still, boss, tpp, days, told):
    end = timezone.now() + timedelta(days=days)
    ClientCertificate.objects.filter(client=tpp.client).update(not_after=end)

    found = waits(boss)

    assert bool(found) is told
    if told:
        [(name, why, urgent)] = found
        assert (name, urgent) == ("tpp", days < 0)
        assert f"{end:%d %B %Y}" in why


def test_a_certificate_that_has_a_successor_is_not_told(boss, tpp):
    ClientCertificate.objects.filter(client=tpp.client).update(
        not_after=timezone.now() + timedelta(days=5)
    )
    assert len(waits(boss)) == 1

    world.register_certificate(tpp.client, certificates.issue("next"))

    assert waits(boss) == []


@case("LO-05")
def test_todays_refusals_are_counted_by_clause_and_lead_to_the_list(still, boss, tpp):
    for _ in range(2):
        tpp.push(code_challenge=None)
    tpp.push(scope="unknown")

    refusals = start(boss)["refusals"]

    assert [(row["count"], row["clause"]) for row in refusals] == [
        (2, "FAPI2-SP-FINAL-5.3.2.2-5"),
        (1, "RFC6749-3.3"),
    ]
    listed = boss.get(refusals[0]["url"]).context["cl"].result_list
    assert len(listed) == 2
    assert parse_qs(urlsplit(refusals[0]["url"]).query)["clause"] == ["FAPI2-SP-FINAL-5.3.2.2-5"]


def test_todays_figures_lead_to_the_events(still, boss, granted):
    figures = {label: (number, url) for number, label, url in start(boss)["figures"]}

    assert figures["consents given"][0] == 1
    assert figures["tokens issued"][0] == 1
    assert figures["consents stopped"][0] == 0
    assert len(boss.get(figures["consents given"][1]).context["cl"].result_list) == 1


def test_who_may_not_see_a_thing_is_not_told_of_it(db, boss, tpp):
    from authserver.accounts.models import User
    from tests.support.operator import Operator

    bare = Operator(User.objects.create_user("bare", is_staff=True))
    Client.objects.filter(client_id="tpp").update(state="pending")
    tpp.push()

    context = start(bare)

    assert (context["waiting"], context["figures"], context["refusals"], context["steps"]) == (
        [],
        [],
        [],
        [],
    )
    assert start(boss)["waiting"]


def test_everything_stands_in_the_order_of_the_work(boss):
    groups = [group["name"] for group in start(boss)["app_list"]]

    assert groups[:9] == [
        "Ecosystems",
        "Participants",
        "Clients",
        "Resource servers",
        "Consents",
        "People",
        "Tokens",
        "Keys",
        "Audit",
    ]
