"""What changed, from what, to what: every event of a change says it, and no secret is in it."""

import pytest
from django.apps import apps
from django.db import models

from authserver.audit.changes import changes_of, is_secret, made, pair, removed
from authserver.audit.events import CHANGES, Event
from authserver.audit.models import AuditEvent
from authserver.audit.trail import record
from tests.support import world

pytestmark = pytest.mark.case("AD-05", "AD-12")

# What happened without a row being changed by anybody's hand.
HAPPENED = {
    "request.": "a request of a client",
    "code.": "a handle of the protocol",
    "token.": "a handle of the protocol",
    "login.succeeded": "a sign-in",
    "login.failed": "a sign-in",
    "login.ended": "a sign-in",
    "login.factor_blocked": "the server counted wrong codes; nobody chose it",
    "login.factor_unblocked": "a count begins anew; says by whom",
    "login.password_changed": "by the person; the hash is nobody's business",
    "consent.staged": "asked by a client; the consent's body never changes",
    "consent.discarded": "nobody decided it",
    "crl.stored": "names the serial numbers that were added and removed",
    "crl.failed": "says why",
    "jwks.": "says how many keys were found",
    "admin.list_exported": "says what was read",
}
MODELS = [
    model
    for label in ("accounts", "clients", "ecosystems", "keys", "consents")
    for model in apps.get_app_config(label).get_models()
]
FIELDS = [
    pytest.param(model, field, id=f"{model.__name__}.{field.name}")
    for model in MODELS
    for field in model._meta.concrete_fields
    if not field.primary_key and field.name != "last_login"
]


@pytest.mark.parametrize("event", [each.value for each in Event])
def test_every_event_is_a_change_or_says_why_not(event):
    assert (Event(event) in CHANGES) != any(event.startswith(name) for name in HAPPENED)


@pytest.mark.parametrize("event", sorted(CHANGES))
@pytest.mark.parametrize("changed", [None, {}, {"state": "active"}, {"state": ["active"]}, "x"])
def test_a_change_without_its_values_is_not_recorded(db, event, changed):
    with pytest.raises(TypeError):
        record(Event(event), changed=changed)

    record(Event(event), changed={"state": ["a", "b"]})
    assert AuditEvent.objects.count() == 1


def two_values(field):
    if isinstance(field, models.BooleanField):
        return False, True
    if isinstance(field, models.JSONField):
        return ["one"], ["one", "two"]
    if isinstance(field, models.ForeignKey | models.IntegerField | models.DurationField):
        return 1, 2
    return "before-canary", "after-canary"


@pytest.mark.parametrize(("model", "field"), FIELDS)
def test_a_change_of_any_field_has_two_values_that_differ(model, field):
    before, after = two_values(field)

    found = pair(field.name, before, after)

    assert len(set(found)) == 2, found
    if is_secret(field.name):
        assert "canary" not in str(found)
        assert all(each.startswith("sha256:") for each in found)


@pytest.mark.parametrize("name", ["client_jwks", "encryption_jwk", "public_jwk", "keys", "pem"])
def test_keys_are_digests(name):
    if name == "keys":
        name = "key_jwks"
    [before, after] = pair(name, {"keys": [1]}, {"keys": [2]})
    assert before.startswith("sha256:")
    assert after.startswith("sha256:")
    assert before != after


def test_what_differs_far_behind_differs_in_the_trail_too():
    [before, after] = pair("redirect_uris", "x" * 400 + "a", "x" * 400 + "b")

    assert before[:300] == after[:300]
    assert before != after


def test_a_row_that_is_made_changed_and_removed(openfinance):
    sara = world.person("sara", openfinance)
    row = sara.enrolments.get()

    assert made(row)["person_id"] == ["", "sara"]
    assert removed(row)["person_id"] == ["sara", ""]
    assert changes_of(row) == {}
    row.person_id = "C-9"
    assert changes_of(row) == {"person_id": ["sara", "C-9"]}
    assert "correct horse" not in str(made(sara))
    assert sara.password not in str(made(sara))
