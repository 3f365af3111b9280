"""An operator at the site: opens a page, changes one thing in its form, presses a button."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.test import Client as Http
from django.urls import reverse

from authserver.accounts.models import User
from authserver.audit.models import AuditEvent
from authserver.backoffice.verbs import Verb
from tests.support.person import Person


def page(model: Any, name: str, *args: Any) -> str:
    """The address of an admin page of the model: changelist, add, change, do, export, history."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def verbs_of(model: Any) -> tuple[Verb, ...]:
    site_page: Any = admin.site._registry[model]
    return tuple(site_page.verbs)


@dataclass
class Operator:
    user: User
    http: Http = field(default_factory=Http)

    def __post_init__(self) -> None:
        self.sign_in()

    def sign_in(self, *, factors: int = 2) -> None:
        Person(self.user, self.http).sign_in(factors=factors)

    def get(self, url: str, query: Any = None) -> Any:
        return self.http.get(url, query)

    def fill(self, url: str, /, **changes: Any) -> Any:
        """Open the form, change these fields, save; None leaves a field out."""
        opened = self.http.get(url)
        assert opened.status_code == 200, opened.status_code
        sent = {**typed_in(opened), **changes}
        return self.http.post(
            url, {name: value for name, value in sent.items() if value is not None}
        )

    def adds(self, model: Any, query: str = "", **values: Any) -> Any:
        return self.fill(page(model, "add") + query, **values)

    def changes(self, row: Any, **values: Any) -> Any:
        return self.fill(page(type(row), "change", row.pk), **values)

    def presses(self, row: Any, verb: str) -> Any:
        """Press the button and confirm."""
        return self.http.post(page(type(row), "do", row.pk, verb), follow=True)


def typed_in(response: Any) -> dict[str, Any]:
    """What a browser would send of this form if nothing were changed in it."""
    context = response.context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    bounds = [bound for form in forms for bound in form if not bound.field.disabled]
    values = {bound.html_name: bound.value() for bound in bounds}
    return {
        name: value for name, value in values.items() if value is not None and value is not False
    }


def errors_of(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200, f"saved, or refused altogether: {response.status_code}"
    return {name: list(each) for name, each in response.context["adminform"].form.errors.items()}


def saved(response: Any) -> str:
    """Where the browser is sent after the form was taken."""
    assert response.status_code == 303, response.context["adminform"].form.errors
    return str(response["Location"])


def messages_of(response: Any) -> list[str]:
    return [str(each) for each in response.context["messages"]]


def last_event() -> AuditEvent:
    found = AuditEvent.objects.first()
    assert found is not None
    return found


def events_since(mark: int) -> list[str]:
    """The events after the one with this number, oldest first."""
    found = AuditEvent.objects.filter(pk__gt=mark).order_by("pk")
    return [str(event) for event in found.values_list("event", flat=True)]


def mark() -> int:
    newest = AuditEvent.objects.first()
    return newest.pk if newest else 0
