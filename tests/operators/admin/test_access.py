"""Who is let in: every page of the site, as everybody."""

from typing import Any
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.test import Client as Http
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from authserver.accounts.models import User
from authserver.audit.models import AuditEvent
from clients.models import Client, Participant
from tests.support.operator import Operator, page, verbs_of
from tests.support.tpp import ThirdParty

case = pytest.mark.case

# Pages of the whole site; those of a model are told by the end of their name.
OF_THE_SITE = {
    "index": (),
    "login": (),
    "logout": (),
    "password_change": (),
    "password_change_done": (),
    "autocomplete": (),
    "jsi18n": (),
    "profiles": (),
    "reference": (),
    "server-certificate": (),
    "view_on_site": (1, 1),
    "app_list": ("clients",),
}
OF_A_MODEL = {
    "changelist": (),
    "add": (),
    "export": (),
    "change": ("1",),
    "delete": ("1",),
    "history": ("1",),
    "do": ("1", "suspend"),
}
# Not a page: redirects of old addresses, and the answer to every other one.
WITHOUT_A_NAME = {"<path:object_id>/", "(?P<url>.*)$"}


def patterns(found: Any, under: str = "") -> list[URLPattern]:
    flat: list[URLPattern] = []
    for each in found:
        if isinstance(each, URLResolver):
            flat += patterns(each.url_patterns)
        else:
            flat.append(each)
    return flat


def addresses() -> dict[str, str]:
    """Every address of the site by its name; a new kind of page fails here until it is listed."""
    site = next(
        each
        for each in get_resolver().url_patterns
        if isinstance(each, URLResolver) and each.namespace == "admin"
    )
    found = {}
    for pattern in patterns(site.url_patterns):
        name = pattern.name
        if name is None:
            assert str(pattern.pattern) in WITHOUT_A_NAME, pattern
            continue
        kind = name if name in OF_THE_SITE else name.rpartition("_")[2]
        args = (OF_THE_SITE | OF_A_MODEL)[kind]
        found[name] = reverse(f"admin:{name}", args=args)
    return found


OPEN_TO_ALL_STAFF = {"index", "jsi18n", "profiles"}
ELSEWHERE = {
    "login": "admin:index",
    "password_change": "account_change_password",
    "password_change_done": "account_home",
}


def test_the_map_is_not_empty():
    assert {"index", "clients_client_do", "audit_refusal_export"} <= set(addresses())


def is_nothing(name):
    """Whether the address leads to no row: there is none of this model but the visitor's own."""
    return name in {"view_on_site", "app_list"} or (
        name.endswith(("_do", "_history")) and name != "accounts_user_history"
    )


@case("AD-01")
def test_a_stranger_is_sent_to_sign_in_from_everywhere(db):
    stranger = Http()

    for address in addresses().values():
        for method, status in ((stranger.get, 302), (stranger.post, 303)):
            response = method(address)
            assert response.status_code == status, address
            sent_to = unquote(response["Location"])
            assert sent_to.startswith(reverse("account_login") + "?next=/admin/"), address


@case("AD-01")
def test_a_person_is_refused_everywhere(visitor):
    for address in addresses().values():
        for method in (visitor.http.get, visitor.http.post):
            assert method(address).status_code == 403, address


@case("AD-13")
def test_staff_with_a_password_alone_is_sent_to_the_second_factor_from_everywhere(boss):
    Authenticator.objects.filter(user=boss.user).delete()
    boss.sign_in(factors=1)

    for address in addresses().values():
        response = boss.get(address)
        assert response.status_code == 303, address
        sent_to = unquote(response["Location"])
        assert sent_to.startswith(reverse("mfa_activate_totp") + "?next=/admin/"), address


@case("AD-01")
def test_staff_without_a_role_sees_nothing_of_a_model(db):
    # With the key that the addresses name: who may see nothing may see nothing of themselves.
    bare = Operator(User.objects.create_user("bare", is_staff=True, pk=1))

    for name, address in addresses().items():
        if name == "logout":
            continue
        response = bare.get(address)
        if name in OPEN_TO_ALL_STAFF:
            assert response.status_code == 200, name
        elif name in ELSEWHERE:
            assert response["Location"] == reverse(ELSEWHERE[name]), name
        elif response.status_code == 302:  # what is not there leads to the start page
            assert response["Location"] == reverse("admin:index"), name
        else:
            assert response.status_code == (404 if is_nothing(name) else 403), name


@case("AD-01")
def test_an_auditor_looks_at_every_list_and_changes_nothing(auditor, tpp, bank):
    mark = AuditEvent.objects.count()
    for model in admin.site._registry:
        if model._meta.model_name == "idtoken":
            continue
        assert auditor.get(page(model, "changelist")).status_code == 200, model
        assert auditor.http.post(page(model, "add")).status_code == 403, model
        row = model._default_manager.first()
        if row is None:
            continue
        assert auditor.get(page(model, "change", row.pk)).status_code == 200, model
        assert auditor.http.post(page(model, "change", row.pk)).status_code == 403, model
        assert auditor.http.post(page(model, "delete", row.pk)).status_code == 403, model
        for verb in verbs_of(model):
            assert auditor.presses(row, verb.name).status_code == 403, (model, verb.name)

    assert AuditEvent.objects.count() == mark


@case("AD-01")
def test_an_operator_onboards_and_gives_no_rights(operator, tpp):
    assert operator.get(page(Client, "change", tpp.client.pk)).status_code == 200
    assert operator.get(page(Participant, "add")).status_code == 200
    assert operator.get(page(User, "add")).status_code == 403
    assert operator.http.post(page(User, "change", operator.user.pk)).status_code == 403


@case("AD-15")
def test_whoever_loses_the_role_loses_the_site_at_once(operator, tpp):
    assert operator.get(page(Client, "changelist")).status_code == 200

    operator.user.groups.clear()
    assert operator.get(page(Client, "changelist")).status_code == 403
    User.objects.filter(pk=operator.user.pk).update(is_staff=False)
    assert operator.get(reverse("admin:index")).status_code == 403
    User.objects.filter(pk=operator.user.pk).update(is_staff=True, is_active=False)
    assert operator.get(reverse("admin:index"))["Location"].startswith(reverse("account_login"))


@case("AD-16")
def test_a_form_of_another_site_changes_nothing(boss, tpp):
    strict = Operator(boss.user, Http(enforce_csrf_checks=True))
    participant = tpp.client.participant

    assert strict.http.post(page(Participant, "do", participant.pk, "suspend")).status_code == 403
    assert strict.http.post(page(Participant, "change", participant.pk)).status_code == 403

    participant.refresh_from_db()
    assert participant.state == "active"
    assert boss.presses(participant, "suspend").status_code == 200


@case("AD-16")
def test_opening_a_page_changes_nothing(boss, tpp: ThirdParty, bank):
    mark = AuditEvent.objects.count()
    for row in (tpp.client, tpp.client.participant, tpp.ecosystem, bank):
        for verb in verbs_of(type(row)):
            response = boss.get(page(type(row), "do", row.pk, verb.name))
            assert response.status_code == (200 if verb.offered(row) else 302), verb.name

    assert AuditEvent.objects.count() == mark


@case("AD-11")
@pytest.mark.parametrize(
    "query",
    [
        "token_checksum__startswith=a",
        "user__password__startswith=a",
        "application__client_id__startswith=t",
        "code__contains=a",
        "_connector=OR",
        "pk__in=1",
        "q=a%00b",
        "q=a%0ab",
        "application__ecosystem__id__exact=%00",
    ],
)
def test_a_list_answers_no_question_that_it_does_not_ask(boss, granted, query):
    """Not one character of a digest or a password can be guessed by filtering."""
    models = [each for each in admin.site._registry if each._meta.app_label == "tokens"]
    for model in models:
        if model._meta.model_name == "idtoken":
            continue
        response = boss.get(f"{page(model, 'changelist')}?{query}")
        assert response.status_code == 400, model
        control = f"{page(model, 'changelist')}?application__ecosystem__id__exact=1&q=tpp"
        assert boss.get(control).status_code == 200


def test_signing_in_and_out_goes_the_way_of_everybody(boss):
    assert boss.get(reverse("admin:login"))["Location"] == reverse("admin:index")
    changing = boss.get(reverse("admin:password_change"))
    assert changing["Location"] == reverse("account_change_password")

    assert boss.get(reverse("admin:logout"))["Location"] == reverse("account_logout")
    assert boss.get(reverse("admin:index")).status_code == 200
    assert boss.http.post(reverse("admin:logout"))["Location"] == reverse("account_signed_out")
    assert boss.get(reverse("admin:index")).status_code == 302


def test_the_site_speaks_one_language(boss):
    shown = boss.http.get(reverse("admin:index"), headers={"Accept-Language": "ar"})

    assert '<html lang="en" dir="ltr">' in shown.content.decode()


def test_what_shows_secrets_or_skips_our_verbs_is_not_on_the_site():
    registered = {model._meta.label for model in admin.site._registry}

    assert "clients.Client" in registered
    assert registered.isdisjoint(
        {
            "mfa.Authenticator",
            "account.EmailAddress",
            "auth.Group",
            "tokens.DeviceGrant",
            "replay.UsedProof",
        }
    )
