"""Who may do what in the operators' site: two groups, by the permissions that they hold.

Deleting is the superuser's, and only of what nothing refers to; a contact is what operators may
delete as well.
"""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

OPERATORS = "Operators"
AUDITORS = "Auditors (read only)"

READABLE = ("accounts", "audit", "clients", "consents", "ecosystems", "keys", "tokens")
CHANGEABLE = (
    "clients.client",
    "clients.clientcertificate",
    "clients.contact",
    "clients.participant",
    "clients.resourceserver",
    "consents.consent",
    "accounts.enrolment",
)


def set_up() -> None:
    """Create both groups, or bring their permissions up to date."""
    view = Q(content_type__app_label__in=READABLE, codename__startswith="view_")
    auditors, _ = Group.objects.get_or_create(name=AUDITORS)
    auditors.permissions.set(Permission.objects.filter(view))
    operators, _ = Group.objects.get_or_create(name=OPERATORS)
    operators.permissions.set(Permission.objects.filter(view | _changes()))


def _changes() -> Q:
    changes = Q(content_type__app_label="clients", codename="delete_contact")
    for name in CHANGEABLE:
        app, model = name.split(".")
        changes |= Q(content_type__app_label=app, codename__in=[f"add_{model}", f"change_{model}"])
    return changes
