"""The life of a consent: allowed changes only, each by one winner, each with its audit row."""

from datetime import timedelta

import pytest
from django.utils import timezone

from authserver.audit.models import AuditEvent
from authserver.protocol.errors import AccessDenied, InvalidAuthorizationDetails
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.storage.together import store_together
from consents import actions
from consents.models import Consent, ConsentState
from consents.states import ENTERED_FROM, PERSON, IllegalTransition
from tests.support import details, world

case = pytest.mark.case
requirement = pytest.mark.requirement

ACCOUNTS = {"accounts": [{"id": "acc-1", "name": "Everyday"}]}
VERBS = {
    ConsentState.AUTHORIZED: actions.resume,
    ConsentState.SUSPENDED: actions.suspend,
    ConsentState.CONSUMED: actions.consume,
    ConsentState.REVOKED: actions.revoke,
}
EVENTS = {
    ConsentState.AUTHORIZED: "consent.resumed",
    ConsentState.SUSPENDED: "consent.suspended",
    ConsentState.CONSUMED: "consent.consumed",
    ConsentState.REVOKED: "consent.revoked",
}


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def user(openfinance):
    return world.person("mariam", openfinance)


@pytest.fixture
def asked(openfinance, now):
    def asked(*scope, **members):
        request = AuthorizationRequest(scope=scope, **members)
        return actions.asked(request, ecosystem=openfinance, now=now)

    return asked


@pytest.fixture
def stage(tpp, openfinance, asked):
    def stage(*wanted, **changes):
        arguments = {
            "client": tpp.client,
            "ecosystem": openfinance,
            "request_object": "",
            "request_object_key": "",
        }
        staged_grant = asked("accounts", authorization_details=wanted or None)
        rows = actions.staged(staged_grant, **(arguments | changes))
        if rows is None:
            return None
        assert store_together(rows, under=[])
        return rows[0]

    return stage


@pytest.fixture
def staged(stage, now):
    return stage(details.account_information(now=now))


@pytest.fixture
def authorized(staged, user, now):
    return actions.approve(staged, user=user, choices=ACCOUNTS, now=now)


def events(consent):
    found = AuditEvent.objects.filter(subject=str(consent.pk)).order_by("pk")
    return [(each.event, each.actor) for each in found]


@requirement("CBUAE-2.4c", "CBUAE-4.2c")
def test_a_rich_request_is_staged_with_its_evidence(stage, tpp, now):
    detail = details.account_access(now=now)

    staged = stage(detail, request_object="header.claims.signature", request_object_key="thumb")

    staged.refresh_from_db()
    assert staged.state == ConsentState.AWAITING
    assert staged.authorization_details == [detail]
    assert staged.scope == "accounts"
    assert staged.external_id == detail["consent"]["ConsentId"]
    assert staged.base_id == detail["consent"]["BaseConsentId"]
    assert staged.expires_at == details.instant(detail["consent"]["ExpirationDateTime"])
    assert staged.request_object == "header.claims.signature"
    assert staged.request_object_key == "thumb"
    assert events(staged) == [("consent.staged", tpp.client_id)]


def test_a_request_for_scopes_alone_is_not_staged(stage):
    assert stage() is None
    assert not Consent.objects.exists()


@requirement("CBUAE-2.1.14")
def test_of_several_ends_the_earliest_counts(stage, now):
    near, far = now + timedelta(days=5), now + timedelta(days=50)

    staged = stage(
        details.account_information(expiration=details.rfc3339(far)),
        details.account_information(expiration=details.rfc3339(near)),
    )

    assert staged.expires_at == near.replace(microsecond=0)


@requirement("CBUAE-2.1.14")
def test_a_consent_without_an_end_has_none(stage, now):
    detail = details.account_information(now=now)
    del detail["expiration"]

    assert stage(detail).expires_at is None


@requirement("CBUAE-2.4c")
def test_an_approval_is_written_once_beside_an_unchanged_body(staged, user, now):
    asked = staged.authorization_details

    found = actions.approve(staged, user=user, choices=ACCOUNTS, now=now)

    found.refresh_from_db()
    assert found.state == ConsentState.AUTHORIZED
    assert found.user == user
    assert found.choices == ACCOUNTS
    assert found.authorized_at == found.state_changed_at == found.choices_made_at == now
    assert found.authorization_details == asked
    assert events(found)[1:] == [("consent.authorized", "mariam")]
    with pytest.raises(AccessDenied):
        actions.approve(staged, user=user, choices={"accounts": [{"id": "acc-9"}]}, now=now)
    found.refresh_from_db()
    assert found.choices == ACCOUNTS
    assert len(events(found)) == 2


@case("AZ-16")
@pytest.mark.parametrize("choices", [{}, {"accounts": []}])
def test_nothing_is_approved_without_the_accounts(staged, user, now, choices):
    with pytest.raises(AccessDenied):
        actions.approve(staged, user=user, choices=choices, now=now)
    staged.refresh_from_db()
    assert staged.state == ConsentState.AWAITING


@case("AZ-16")
def test_a_payment_has_one_account(stage, user, now):
    staged = stage(details.payment_initiation(now=now))
    two = {"accounts": [{"id": "acc-1"}, {"id": "acc-2"}]}
    with pytest.raises(AccessDenied):
        actions.approve(staged, user=user, choices=two, now=now)

    assert actions.approve(staged, user=user, choices=ACCOUNTS, now=now).user == user


@requirement("CBUAE-2.4a", "CBUAE-2.4c")
def test_what_has_ended_cannot_be_approved(stage, staged, user, now):
    with pytest.raises(AccessDenied):
        actions.approve(staged, user=user, choices=ACCOUNTS, now=now + timedelta(days=91))

    payment = stage(details.single_payment(now=now))
    due = now + timedelta(hours=2)
    with pytest.raises(AccessDenied):
        actions.approve(payment, user=user, choices=ACCOUNTS, now=due)
    assert not Consent.objects.exclude(state=ConsentState.AWAITING).exists()


@requirement("CBUAE-2.4c")
def test_a_chain_stays_with_its_person(stage, user, openfinance, now):
    first = stage(details.account_access(now=now))
    actions.approve(first, user=user, choices=ACCOUNTS, now=now)
    renewal = stage(details.account_access(now=now, BaseConsentId=first.external_id))
    other = world.person("other", openfinance)
    with pytest.raises(AccessDenied):
        actions.approve(renewal, user=other, choices=ACCOUNTS, now=now)

    assert actions.approve(renewal, user=user, choices=ACCOUNTS, now=now).base_id


@case("AZ-20")
@requirement("CBUAE-2.4c")
def test_a_refusal_is_final(staged, user, now):
    assert actions.reject(staged, by="mariam", user=user, now=now)

    staged.refresh_from_db()
    assert (staged.state, staged.ended_by, staged.user) == (
        ConsentState.REJECTED,
        PERSON,
        user,
    )
    assert events(staged)[1:] == [("consent.rejected", "mariam")]
    assert not actions.reject(staged, by="mariam", now=now)
    with pytest.raises(AccessDenied):
        actions.approve(staged, user=user, choices=ACCOUNTS, now=now)
    assert len(events(staged)) == 2


@case("AZ-20")
@pytest.mark.parametrize(
    ("by", "of", "party"),
    [
        ("mariam", "mariam", "person"),
        ("", None, "anonymous"),
        ("", "mariam", "anonymous"),
        ("system", "mariam", "system"),
        ("system", None, "system"),
        ("tpp", "mariam", "TPP"),
        ("clerk", "mariam", "operator"),
    ],
)
def test_a_refusal_is_recorded_as_whose_it_was(staged, user, now, by, of, party):
    actions.reject(staged, by=by, now=now, user=user if of else None)

    staged.refresh_from_db()
    assert (staged.state, staged.ended_by) == (ConsentState.REJECTED, party)
    assert events(staged)[-1] == ("consent.rejected", by)


@requirement("CBUAE-2.4c")
@pytest.mark.parametrize("to", VERBS)
@pytest.mark.parametrize("state", ConsentState)
def test_only_the_allowed_changes_happen(stage, user, now, state, to):
    consent = stage(details.payment_initiation(now=now))
    Consent.objects.filter(pk=consent.pk).update(state=state, user=user)
    allowed = state in ENTERED_FROM[to]
    if to == ConsentState.AUTHORIZED:
        allowed = state == ConsentState.SUSPENDED  # a waiting one is approved, not resumed

    if allowed:
        VERBS[to](consent, by="operator-1", now=now)
        assert events(consent)[1:] == [(EVENTS[to], "operator-1")]
    else:
        with pytest.raises(IllegalTransition):
            VERBS[to](consent, by="operator-1", now=now)
        assert len(events(consent)) == 1

    consent.refresh_from_db()
    assert consent.state == (to if allowed else state)


@requirement("CBUAE-2.4c")
def test_only_a_payment_can_be_used_up(authorized, now):
    with pytest.raises(IllegalTransition):
        actions.consume(authorized, by="bank", now=now)


@requirement("CBUAE-2.4c")
@pytest.mark.parametrize(
    ("by", "party"), [("mariam", "person"), ("tpp", "TPP"), ("somebody-else", "operator")]
)
def test_a_revocation_says_whose_it_was(authorized, now, by, party):
    found = actions.revoke(authorized, by=by, now=now)

    assert (found.state, found.ended_by) == (ConsentState.REVOKED, party)
    assert not found.is_alive(now=now)


@requirement("CBUAE-2.4c")
def test_the_second_revocation_changes_nothing(authorized, now):
    actions.revoke(authorized, by="mariam", now=now)
    with pytest.raises(IllegalTransition):
        actions.revoke(authorized, by="tpp", now=now + timedelta(hours=1))

    authorized.refresh_from_db()
    assert authorized.ended_by == "person"
    assert authorized.state_changed_at == now


@requirement("OIDCC-3.1.2.4")
def test_scopes_are_remembered_for_the_same_or_less(tpp, openfinance, user, asked, now):
    scope = ("openid", "accounts")
    who = {"client": tpp.client, "user": user}
    given = actions.approve_scopes(**who, ecosystem=openfinance, asked=asked(*scope), now=now)

    assert given.expires_at == now + openfinance.rules.scope_consent_lifetime
    assert events(given) == [("consent.authorized", "mariam")]
    assert actions.remembered(**who, asked=asked("accounts"), now=now) == given
    assert actions.remembered(**who, asked=asked("accounts", "openid"), now=now) == given
    assert actions.remembered(**who, asked=asked("accounts", "payments"), now=now) is None
    assert actions.remembered(**who, asked=asked(*scope), now=given.expires_at) is None


@requirement("OIDCC-3.1.2.4")
def test_scopes_are_remembered_for_nobody_else(tpp, other_tpp, openfinance, user, asked, now):
    actions.approve_scopes(
        client=tpp.client, user=user, ecosystem=openfinance, asked=asked("openid"), now=now
    )
    other = world.person("other", openfinance)

    assert actions.remembered(client=tpp.client, user=other, asked=asked("openid"), now=now) is None
    assert (
        actions.remembered(client=other_tpp.client, user=user, asked=asked("openid"), now=now)
        is None
    )


def test_a_rich_consent_is_never_remembered(tpp, authorized, user, asked, now):
    assert (
        actions.remembered(client=tpp.client, user=user, asked=asked("accounts"), now=now) is None
    )


@requirement("CBUAE-2.4c")
def test_stopping_a_consent_to_scopes_stops_all_of_the_same_client(
    tpp, other_tpp, openfinance, user, authorized, asked, now
):
    small, large, others = (
        actions.approve_scopes(
            client=client, user=user, ecosystem=openfinance, asked=asked(*scope), now=now
        )
        for client, scope in (
            (tpp.client, ("openid",)),
            (tpp.client, ("openid", "email")),
            (other_tpp.client, ("openid",)),
        )
    )

    actions.revoke(large, by="mariam", now=now)

    who = {"client": tpp.client, "user": user}
    assert actions.remembered(**who, asked=asked("openid"), now=now) is None
    assert events(small)[-1] == ("consent.revoked", "mariam")
    others.refresh_from_db()
    authorized.refresh_from_db()
    assert others.is_alive(now=now)
    assert authorized.is_alive(now=now)


@requirement("RAR-7", "RAR-7.1")
def test_tokens_carry_what_was_asked_and_chosen(staged, user, now):
    chosen = {"accounts": [{"id": "acc-1", "name": "Everyday", "last4": "7731"}]}
    consent = actions.approve(staged, user=user, choices=chosen, now=now)

    [granted] = actions.granted_details(consent)

    assert granted == {**consent.authorization_details[0], "accounts": [{"id": "acc-1"}]}


@requirement("CBUAE-2.4c", "RAR-7")
def test_the_uae_types_grant_the_consent_with_its_state(stage, user, now):
    staged = stage(details.account_access_v1())
    consent = actions.approve(staged, user=user, choices=ACCOUNTS, now=now)

    [granted] = actions.granted_details(consent)

    assert granted["type"] == "urn:openfinanceuae:account-access-consent:v1.0"
    assert granted["Consent"]["Status"] == "Authorized"
    assert granted["Consent"]["ConsentId"] == consent.external_id
    assert granted["Consent"]["StatusUpdateDateTime"] == details.rfc3339(now)
    assert granted["accounts"] == [{"id": "acc-1"}]


@pytest.mark.parametrize(("since", "noted"), [(None, True), (30, False), (60, True)])
def test_a_use_is_noted_once_a_minute(
    authorized, now, since, noted, django_capture_on_commit_callbacks
):
    before = None if since is None else now - timedelta(seconds=since)
    Consent.objects.filter(pk=authorized.pk).update(last_used_at=before)
    authorized.refresh_from_db()

    with django_capture_on_commit_callbacks(execute=True):
        actions.mark_used(authorized, now=now)

    authorized.refresh_from_db()
    assert authorized.last_used_at == (now if noted else before)


@case("PR-16")
@requirement("CBUAE-2.1.6")
@pytest.mark.parametrize(
    ("wanted", "here", "clients"),
    [
        ("account_information", ["account_information"], ["account_information"]),
        ("account_information", [], ["account_information"]),
        ("account_information", ["account_information"], ["payment_initiation"]),
        ("account_information", ["account_*"], ["account_information"]),
        ("unknown", ["unknown"], ["unknown"]),
    ],
)
def test_a_type_is_offered_here_allowed_to_the_client_and_known(
    tpp, openfinance, now, wanted, here, clients
):
    openfinance.authorization_details_types = here
    tpp.client.authorization_details_types = clients
    request = AuthorizationRequest(
        authorization_details=(details.account_information(now=now, type=wanted),)
    )
    arguments = {"client": tpp.client, "ecosystem": openfinance, "now": now}

    if [wanted] == here == clients and wanted != "unknown":
        actions.require_valid_details(request, **arguments)
    else:
        with pytest.raises(InvalidAuthorizationDetails):
            actions.require_valid_details(request, **arguments)


@case("PR-16")
@requirement("RAR-5")
@pytest.mark.parametrize(
    "second",
    [{"type": "account_information"}, details.payment_initiation(now=timezone.now())],
    ids=["a wrong one", "a payment"],
)
def test_one_wrong_detail_refuses_all(tpp, openfinance, now, second):
    good = details.account_information(now=now)
    arguments = {"client": tpp.client, "ecosystem": openfinance, "now": now}
    actions.require_valid_details(
        AuthorizationRequest(authorization_details=(good, good)), **arguments
    )

    with pytest.raises(InvalidAuthorizationDetails):
        actions.require_valid_details(
            AuthorizationRequest(authorization_details=(good, second)), **arguments
        )


@requirement("CBUAE-2.4c")
def test_an_identifier_names_one_consent(tpp, openfinance, stage, user, now):
    detail = details.account_access(now=now)
    request = AuthorizationRequest(authorization_details=(detail,))
    arguments = {"client": tpp.client, "ecosystem": openfinance, "now": now}
    staged = stage(detail)
    actions.require_valid_details(request, **arguments)

    with pytest.raises(InvalidAuthorizationDetails):
        actions.require_valid_details(
            AuthorizationRequest(authorization_details=(detail, detail)), **arguments
        )
    actions.approve(staged, user=user, choices=ACCOUNTS, now=now)
    with pytest.raises(InvalidAuthorizationDetails) as refusal:
        actions.require_valid_details(request, **arguments)
    assert refusal.value.clause == "CBUAE-2.4c"
