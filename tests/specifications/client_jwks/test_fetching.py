"""When a client's keys are fetched, kept and forgotten. Cases JW-nn."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from authserver import outbound
from authserver.audit.events import Event
from authserver.audit.models import AuditEvent
from authserver.outbound import OutboundError, lanes
from authserver.protocol import jose
from clients import jwks, key_sets
from clients.models import Client, ClientKeySet
from tests.support import world
from tests.support.assertions import not_identified

case = pytest.mark.case
requirement = pytest.mark.requirement
MINUTE = timedelta(minutes=1)


def kids(keys):
    return {key.kid for key in keys.keys}


@requirement("RFC7591-2", "CBUAE-2.1.4")
def test_keys_are_fetched_once_and_kept(by_uri, host, at):
    for minutes in (0, 1, 10, 19):
        with at(minutes=minutes):
            assert by_uri.push().status_code == 201

    assert host.asked == ["https://tpp.example.com/jwks.json"]


@requirement("CBUAE-2.1.4")
def test_keys_are_asked_for_again_after_twenty_minutes(by_uri, host, at):
    assert by_uri.push().status_code == 201

    with at(minutes=21):
        assert by_uri.push().status_code == 201
    assert len(host.asked) == 2


@case("JW-24")
def test_the_host_may_wish_for_less(by_uri, host, at):
    host.headers = {"cache-control": "max-age=120"}
    assert by_uri.push().status_code == 201
    with at(minutes=1.4):
        assert by_uri.push().status_code == 201
    assert len(host.asked) == 1

    with at(minutes=2.1):
        assert by_uri.push().status_code == 201
    assert len(host.asked) == 2


@case("JW-19", "CA-20")
@requirement("CBUAE-2.1.4")
def test_a_key_that_was_taken_back_stops_working(by_uri, host, at):
    assert by_uri.push().status_code == 201
    host.publishes(world.rsa_key("new"))

    with at(minutes=21):
        not_identified(by_uri.push())
        new = {"key": world.rsa_key("new")}
        assert by_uri.push(assertion=new).status_code == 201


@case("JW-19")
@requirement("PRODUCT-2")
def test_a_new_key_works_as_soon_as_it_is_used(by_uri, host, at):
    assert by_uri.push().status_code == 201
    host.publishes(world.rsa_key("tpp"), world.rsa_key("new"))

    with at(minutes=2):
        assert by_uri.push(assertion={"key": world.rsa_key("new")}).status_code == 201
        assert by_uri.push().status_code == 201
    assert len(host.asked) == 2


@case("JW-20")
def test_unknown_keys_are_asked_for_once_a_minute(by_uri, host, at):
    assert by_uri.push().status_code == 201

    for number in range(20):
        not_identified(by_uri.push(assertion={"header": {"kid": f"random-{number}"}}))
    assert len(host.asked) == 1
    with at(minutes=1.1):
        for number in range(20):
            not_identified(by_uri.push(assertion={"header": {"kid": f"random-{number}"}}))
        assert by_uri.push().status_code == 201
    assert len(host.asked) == 2


@case("JW-22")
def test_a_host_that_is_down_is_bridged_until_the_keys_are_too_old(by_uri, host, at):
    assert by_uri.push().status_code == 201
    host.is_down()

    with at(minutes=19):
        assert by_uri.push().status_code == 201
    with at(minutes=21):
        not_identified(by_uri.push())


@case("JW-22")
def test_other_clients_do_not_notice(by_uri, other_tpp, host):
    host.is_down()

    not_identified(by_uri.push())
    assert other_tpp.push(redirect_uri="https://other.example.com/callback").status_code == 201


@case("JW-22")
def test_a_failure_for_an_unknown_key_leaves_the_known_ones(by_uri, host, at):
    assert by_uri.push().status_code == 201
    host.is_down()

    with at(minutes=2):
        not_identified(by_uri.push(assertion={"header": {"kid": "random"}}))
        assert by_uri.push().status_code == 201


@case("JW-23")
def test_a_host_that_failed_is_left_alone_and_tried_again(by_uri, host, at):
    host.is_down()
    for _ in range(5):
        not_identified(by_uri.push())
    with at(seconds=29):
        not_identified(by_uri.push())
    assert len(host.asked) == 1

    host.publishes(world.rsa_key("tpp"))
    with at(seconds=60):
        assert by_uri.push().status_code == 201
    assert len(host.asked) == 2


@case("JW-26")
def test_a_new_uri_counts_from_the_next_request(by_uri, host):
    assert by_uri.push().status_code == 201
    host.publishes(world.rsa_key("new"))

    Client.objects.filter(pk=by_uri.client.pk).update(client_jwks_uri="https://new.example.com/")

    not_identified(by_uri.push())
    assert by_uri.push(assertion={"key": world.rsa_key("new")}).status_code == 201
    assert host.asked == ["https://tpp.example.com/jwks.json", "https://new.example.com/"]


@case("JW-26")
def test_an_answer_of_the_old_uri_is_not_kept_for_the_new_one(loaded, host, now):
    old = loaded()

    def swap():
        if old.client_jwks_uri in host.asked[-1]:
            Client.objects.filter(pk=old.pk).update(client_jwks_uri="https://new.example.com/")
            jwks.keys_of(loaded(), name=jose.KeyName(), now=now)

    host.meanwhile = swap
    jwks.keys_of(old, name=jose.KeyName(), now=now)

    assert ClientKeySet.objects.get().uri == "https://new.example.com/"
    assert len(jwks.keys_of(old, name=jose.KeyName(), now=now)) == 0
    assert ClientKeySet.objects.get().uri == "https://new.example.com/"
    assert len(jwks.keys_of(loaded(), name=jose.KeyName(), now=now)) == 1
    assert len(host.asked) == 2


@case("JW-25")
def test_a_uri_of_two_clients_is_kept_for_each(by_uri, other_tpp, host):
    Client.objects.filter(pk=other_tpp.client.pk).update(
        client_jwks=None, client_jwks_uri="https://tpp.example.com/jwks.json"
    )
    as_other = other_tpp.authentication()
    assert by_uri.push().status_code == 201

    not_identified(by_uri.post("/par", {"scope": "accounts"} | as_other))
    assert ClientKeySet.objects.count() == len(host.asked) == 2


@case("JW-21")
def test_one_caller_fetches_and_the_others_wait(loaded, host, now, monkeypatch):
    """Another worker has claimed the fetch: we wait for its answer and use it."""
    row = ClientKeySet.objects.create(client=loaded(), uri=loaded().client_jwks_uri)
    assert key_sets.claim(loaded(), now=now)
    assert not key_sets.claim(loaded(), now=now)

    def it_finishes(seconds):
        key_sets.store(
            loaded(), host.answer, before=row, lifetime=20 * MINUTE, pause=MINUTE, now=now
        )

    monkeypatch.setattr("clients.jwks.time.sleep", it_finishes)

    assert kids(jwks.keys_of(loaded(), name=jose.KeyName("tpp-key"), now=now)) == {"tpp-key"}
    assert host.asked == []


@case("JW-21")
def test_who_waits_is_turned_away_when_many_do(loaded, host, now, monkeypatch):
    ClientKeySet.objects.create(client=loaded(), uri=loaded().client_jwks_uri)
    assert key_sets.claim(loaded(), now=now)
    monkeypatch.setattr(settings, "OUTBOUND_AT_ONCE", 2)

    with outbound.waiting(loaded().client_jwks_uri, seconds=5):
        assert len(jwks.keys_of(loaded(), name=jose.KeyName("tpp-key"), now=now)) == 0


@case("JW-21")
def test_a_fetch_whose_worker_died_is_taken_over(loaded, host, now):
    ClientKeySet.objects.create(client=loaded(), uri=loaded().client_jwks_uri)
    assert key_sets.claim(loaded(), now=now)

    later = now + key_sets.LEASE + timedelta(seconds=1)
    assert kids(jwks.keys_of(loaded(), name=jose.KeyName("tpp-key"), now=later)) == {"tpp-key"}


@case("JW-10")
@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_we_wait_for_the_host(openfinance, bank, make_tpp, host):
    tpp = make_tpp("tpp", openfinance)
    Client.objects.filter(pk=tpp.client.pk).update(
        client_jwks=None, client_jwks_uri="https://tpp.example.com/jwks.json"
    )
    seen = []
    host.meanwhile = lambda: seen.append(connection.in_atomic_block)

    assert tpp.push().status_code == 201
    assert seen == [False]


@case("JW-11", "JW-12")
@pytest.mark.parametrize(
    "answer",
    [None, [], {}, {"keys": None}, {"keys": 5}, {"keys": {}}, {"keys": "x"}, 5, "text", True],
    ids=str,
)
def test_what_is_no_key_set_is_a_failed_fetch(by_uri, host, answer):
    host.answer = answer

    not_identified(by_uri.push())
    assert ClientKeySet.objects.get().last_error == "the answer is not a JWK Set"


@case("JW-12", "JW-13")
@pytest.mark.parametrize("member", [5, None, "x", [], {}, {"kty": 5}, {"kty": "RSA"}])
def test_one_broken_key_does_not_spoil_the_others(by_uri, host, member):
    host.answer["keys"].insert(0, member)

    assert by_uri.push().status_code == 201


@case("JW-14")
def test_a_private_key_is_neither_used_nor_stored(by_uri, host):
    secret = world.rsa_key("tpp").as_dict(private=True)
    host.answer = {"keys": [secret, {"kty": "oct", "k": "c2VjcmV0", "kid": "o"}]}

    not_identified(by_uri.push())
    stored = ClientKeySet.objects.values_list("keys", flat=True).get()
    assert stored == {"keys": []}
    assert str(secret["d"]) not in str(AuditEvent.objects.values_list("facts", flat=True))


def test_only_the_members_of_a_key_are_kept(by_uri, host):
    host.answer["keys"][0] |= {"x5dn": "CN=tpp", "note": "x" * 1000}

    assert by_uri.push().status_code == 201
    [key] = ClientKeySet.objects.get().keys["keys"]
    assert set(key) <= set(key_sets.KEPT_MEMBERS)


@case("JW-15")
def test_two_keys_of_one_name_are_neither(by_uri, host):
    twin = world.rsa_key("new").as_dict(private=False) | {"kid": "tpp-key"}
    for order in (1, -1):
        host.answer["keys"] = [*host.answer["keys"][:1], twin][::order]
        ClientKeySet.objects.all().delete()
        not_identified(by_uri.push())


def test_a_change_of_keys_is_recorded_once(by_uri, host, at):
    for minutes in (0, 21, 42):
        with at(minutes=minutes):
            assert by_uri.push().status_code == 201
    fetched = AuditEvent.objects.filter(event=Event.JWKS_FETCHED)
    assert [(each.client_id, each.ecosystem) for each in fetched] == [("tpp", "openfinance")]

    host.is_down()
    for minutes in (63, 65, 67):
        with at(minutes=minutes):
            not_identified(by_uri.push())
    [failed] = AuditEvent.objects.filter(event=Event.JWKS_FAILED)
    assert failed.facts == {"reason": "no connection"}

    host.publishes(world.rsa_key("tpp"))
    with at(minutes=70):
        assert by_uri.push().status_code == 201
    assert fetched.all().count() == 2


@requirement("FFI-20")
def test_an_administrator_may_fetch_at_any_time(loaded, host, now):
    host.answer["keys"].append({"kty": "oct", "k": "c2VjcmV0"})

    for _ in range(2):
        report = jwks.fetch_now(loaded(), now=now)
        assert report.keys == (("tpp-key", "PS256"),)
        assert report.rejected == ("key 2: private or symmetric",)
        assert report.error == ""
    assert len(host.asked) == 2
    assert kids(jwks.keys_of(loaded(), name=jose.KeyName("tpp-key"), now=now)) == {"tpp-key"}

    host.answer = OutboundError("the answer has the status 404")
    assert jwks.fetch_now(loaded(), now=now).error == "the answer has the status 404"
    host.answer = {}
    assert jwks.fetch_now(loaded(), now=now).error == "the answer is not a JWK Set"


@requirement("RFC7591-2")
def test_keys_by_value_are_never_fetched(tpp, host, now):
    assert tpp.push().status_code == 201

    assert kids(jwks.keys_of(tpp.client, name=jose.KeyName(), now=now)) == {"tpp-key"}
    assert len(jwks.keys_of(tpp.client, name=jose.KeyName("unknown"), now=now)) == 0
    assert jwks.fetch_now(tpp.client, now=now).keys == (("tpp-key", "PS256"),)
    assert host.asked == []


@pytest.mark.parametrize("broken", [None, 5, [], {}, {"keys": 5}], ids=str)
def test_keys_by_value_that_are_broken_are_none(tpp, host, now, broken):
    tpp.client.client_jwks = broken

    assert jwks.keys_of(tpp.client, name=jose.KeyName(), now=now) == jose.PublicKeys()
    assert jwks.fetch_now(tpp.client, now=now).error == "the answer is not a JWK Set"


def test_a_warm_set_costs_no_query_of_its_own(loaded, host, django_assert_num_queries):
    now = timezone.now()
    jwks.keys_of(loaded(), name=jose.KeyName("tpp-key"), now=now)
    client = loaded()

    with django_assert_num_queries(0):
        assert len(jwks.keys_of(client, name=jose.KeyName("tpp-key"), now=now)) == 1


@case("JW-20", "JW-22")
def test_while_nobody_may_fetch_the_kept_keys_work_and_nothing_is_claimed(by_uri, host, at):
    assert by_uri.push().status_code == 201
    uri = "https://tpp.example.com/jwks.json"
    hosts = lanes.FETCHING.place("tpp.example.com", seconds=60)
    with at(minutes=2), hosts, lanes.FETCHING.place("tpp.example.com", seconds=60):
        assert outbound.is_busy(uri)
        before = ClientKeySet.objects.values().get()
        not_identified(by_uri.push(assertion={"header": {"kid": "random"}}))
        assert by_uri.push().status_code == 201
        assert ClientKeySet.objects.values().get() == before
    assert len(host.asked) == 1


@case("JW-22")
def test_who_finds_no_place_after_all_gives_the_claim_back(by_uri, host):
    host.answer = outbound.Busy("others are waiting")
    not_identified(by_uri.push())
    row = ClientKeySet.objects.get()
    assert (row.next_fetch_at, row.last_error) == (None, "")

    host.publishes(world.rsa_key("tpp"))
    assert by_uri.push().status_code == 201


@case("JW-21")
def test_shortly_before_the_end_one_asks_again_and_the_others_do_not_wait(by_uri, host, at):
    assert by_uri.push().status_code == 201
    nested: list[int] = []
    host.meanwhile = lambda: nested.append(by_uri.push().status_code) if not nested else None

    with at(minutes=19.8):
        assert by_uri.push().status_code == 201
    assert nested == [201]
    assert len(host.asked) == 2


@case("JW-20")
def test_a_profile_says_how_often_callers_may_have_keys_fetched(by_uri, host, at, monkeypatch):
    rules = by_uri.client.ecosystem.rules
    slower = replace(rules, jwks_min_age=5 * MINUTE)
    monkeypatch.setattr(type(by_uri.client.ecosystem), "rules", slower)
    assert by_uri.push().status_code == 201

    for minutes, asked in ((2, 1), (4.9, 1), (5.1, 2), (9, 2)):
        with at(minutes=minutes):
            not_identified(by_uri.push(assertion={"header": {"kid": f"random-{minutes}"}}))
        assert len(host.asked) == asked
