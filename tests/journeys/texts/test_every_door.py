"""Whatever an operator, a program or a certificate brings is held, whichever way it comes in.

The cases are made from the models: a new text is held, or says here why nobody outside chose it.
"""

import ast
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from authserver.accounts import actions as accounts
from authserver.accounts.models import Enrolment, User
from authserver.audit.changes import is_secret
from authserver.audit.models import AuditEvent
from authserver.ecosystems import actions as ecosystems
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.specs import mtls
from authserver.storage.shown_texts import ShownTexts, rule_for
from clients import actions as clients
from clients.models import Client, Contact, Participant, ResourceServer
from docs.generator.source import PRODUCT, modules
from tests.support import certificates

case = pytest.mark.case
requirement = pytest.mark.requirement

UNSEEN, SEEN = "Lan\u200btern \u202eBank", "مصرف Lantern"
# Apps of others: what stands in their rows is ours, or was held where it was taken over.
OTHERS = {"admin", "auth", "contenttypes", "sessions", "account", "mfa", "oauth2_provider"}
HELD_BEFORE = {
    "audit.AuditEvent": "names and codes of rows that were held",
    "audit.Refusal": "our own sentences",
    "clients.ClientCertificate": "read from a certificate whose names were held",
    "clients.ClientKeySet": "a copy of keys: nobody is named in it",
    "consents.Consent": "a request, held at the door it came in by",
    "consents.ConsentName": "a name in a request",
    "ecosystems.RevocationList": "an address, and numbers out of a signed list",
    "ecosystems.RevokedCertificate": "a number",
    "ecosystems.TrustAnchor": "read from a certificate whose names were held",
    "keys.SigningKey": "our own keys",
    "replay.UsedProof": "a digest",
    "tokens.AccessToken": "a request, held at the door it came in by",
    "tokens.AuthorizationCode": "a request, held at the door it came in by",
    "tokens.AuthorizationTransaction": "accounts as the bank named them, held where they were read",
    "tokens.DeviceGrant": "never written",
    "tokens.IDToken": "never written",
    "tokens.PushedRequest": "a request, held at the door it came in by",
    "tokens.RefreshToken": "a request, held at the door it came in by",
}


def texts_of(model: Any) -> list[Any]:
    return [field for field in model._meta.concrete_fields if rule_for(field)]


MODELS = [each for each in apps.get_models() if each._meta.app_label not in OTHERS]
HELD = [each for each in MODELS if issubclass(each, ShownTexts)]
CASES = [(model, field) for model in HELD for field in texts_of(model)]
every_text = pytest.mark.parametrize(
    ("model", "field"), CASES, ids=[str(field) for _, field in CASES]
)


def test_every_text_is_held_or_says_why_not():
    with_texts = {model._meta.label for model in MODELS if texts_of(model)}

    assert with_texts == {model._meta.label for model in HELD} | set(HELD_BEFORE)
    assert not {model._meta.label for model in HELD} & set(HELD_BEFORE)


def written(field: Any, text: str) -> Any:
    """The text as a value of the field: in the depth of a document, where it holds one.

    No longer than the field, which PostgreSQL minds.
    """
    if isinstance(field, models.JSONField):
        return {"names": [{text: text}]}
    return text[: field.max_length]


@pytest.fixture
def rows(rs, tpp, person, openfinance):
    """One stored row of each model."""
    owner = tpp.client.participant
    contact = Contact(participant=owner, kind="security", name="Desk", email="desk@example.com")
    clients.save_contact(contact, by="test")
    stored = [
        openfinance,
        owner,
        contact,
        tpp.client,
        ResourceServer.objects.get(),
        person.user,
        Enrolment.objects.get(),
    ]
    return {type(row): type(row).objects.get(pk=row.pk) for row in stored}


CHANGED_BY: dict[Any, Any] = {
    Ecosystem: ecosystems.change,
    Participant: clients.change_participant,
    Contact: clients.save_contact,
    Client: clients.change_client,
    ResourceServer: clients.change_resource_server,
    User: accounts.change,
    Enrolment: lambda row, by: accounts.enrol(
        row.user,
        ecosystem=row.ecosystem,
        person_id=row.person_id,
        name_at_bank=row.name_at_bank,
        by=by,
    ),
}
MADE_BY: dict[Any, Any] = {
    Ecosystem: ecosystems.create,
    Participant: clients.register_participant,
    Contact: clients.save_contact,
    Client: clients.register_client,
    ResourceServer: clients.register_resource_server,
    User: accounts.register,
}
KEPT = {"client_id"}  # by the action that changes a client


def test_every_held_model_has_its_actions():
    assert set(CHANGED_BY) == set(HELD) == {*MADE_BY, Enrolment}


@case("DC-10")
@every_text
def test_a_form_names_the_field(rows, model, field):
    row = rows[model]
    others = {each.name for each in model._meta.fields} - {field.name}

    setattr(row, field.attname, written(field, UNSEEN))
    with pytest.raises(ValidationError) as refusal:
        row.full_clean(exclude=others, validate_unique=False, validate_constraints=False)

    assert field.name in refusal.value.message_dict


@case("DC-10")
@every_text
def test_no_way_to_store_it_leads_around(rows, model, field):
    row, before = rows[model], AuditEvent.objects.count()
    stored = getattr(row, field.attname)
    change = row.save if is_secret(field.name) else lambda: CHANGED_BY[model](row, by="test")
    if field.name in KEPT:
        change = row.save

    setattr(row, field.attname, written(field, UNSEEN))
    for way in (row.save, change):
        with pytest.raises(ValidationError) as refusal:
            way()
        assert UNSEEN not in str(refusal.value)
    assert getattr(model.objects.get(pk=row.pk), field.attname) == stored
    assert AuditEvent.objects.count() == before
    setattr(row, field.attname, written(field, SEEN))
    change()
    assert getattr(model.objects.get(pk=row.pk), field.attname) == written(field, SEEN)


@case("DC-10")
@every_text
def test_nothing_is_made_with_it(rows, model, field):
    row, count = rows[model], model.objects.count()
    row.pk, row._state.adding = None, True
    setattr(row, field.attname, written(field, UNSEEN))

    with pytest.raises(ValidationError):
        MADE_BY[model](row, by="test") if model in MADE_BY else row.save()

    assert model.objects.count() == count


@case("DC-10")
def test_what_was_stored_before_is_no_reason_to_refuse_a_password(person):
    User.objects.filter(pk=person.user.pk).update(display_name=UNSEEN)
    user = User.objects.get(pk=person.user.pk)

    user.set_password("Another one, and long")
    user.save()
    user.email = "new@example.com"
    accounts.change(user, by="test")

    kept = User.objects.get(pk=user.pk)
    assert (kept.display_name, kept.email) == (UNSEEN, "new@example.com")
    assert kept.check_password("Another one, and long")
    user.display_name = UNSEEN + "!"
    with pytest.raises(ValidationError):
        accounts.change(user, by="test")


def test_no_statement_writes_such_a_text_beside_its_row():
    """QuerySet.update and bulk_create ask no model: they are not used for texts that are held."""
    names = {field.name for _, field in CASES} - {"claims", "scopes"}
    beside = [
        f"{module.path}:{call.lineno}"
        for module in modules(*PRODUCT)
        for call in module.nodes
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("update", "bulk_update")
        and names & {keyword.arg for keyword in call.keywords}
    ]

    assert beside == []


@case("DC-10")
@requirement("FFI-2")
@pytest.mark.parametrize("name", [UNSEEN, SEEN])
def test_a_certificate_says_whose_it_is(tpp, name):
    client, now = tpp.client, timezone.now()
    pem = certificates.issue(name, by=certificates.issuing()).pem
    register = lambda: clients.register_certificate(client, pem=pem, by="test", now=now)  # noqa: E731

    if name == SEEN:
        assert register().subject == mtls.parse_pem(pem).subject
        return
    with pytest.raises(mtls.BadCertificate, match="cannot see"):
        register()
    assert not client.certificates.filter(subject__contains="Lan").exists()


@case("DC-10")
@requirement("FFI-2")
def test_a_ca_says_who_it_is(openfinance):
    now, count = timezone.now(), openfinance.trust_anchors.count()

    with pytest.raises(mtls.BadCertificate, match="cannot see"):
        ecosystems.add_trust_anchor(
            openfinance, pem=certificates.issue(UNSEEN, ca=True).pem, by="test", now=now
        )

    assert openfinance.trust_anchors.count() == count
    pem = certificates.issue(SEEN, ca=True).pem
    assert ecosystems.add_trust_anchor(openfinance, pem=pem, by="test", now=now).pk
