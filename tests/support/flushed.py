"""What the database holds before any test: content types, permissions and the operators' roles."""

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models.signals import post_migrate

from authserver.accounts import roles

CONFIGURED = settings.DATABASES["default"]["NAME"]


def there_is_a_test_database() -> bool:
    """There is none in a run in which no test asks for one; the connection is the real one's."""
    return str(connection.settings_dict["NAME"]) != str(CONFIGURED)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> None:
    """After a test that commits, put those rows back as they were.

    Django empties every table then, and works out anew, by 150 queries, what it had.
    """
    if not there_is_a_test_database():
        return
    with django_db_blocker.unblock():
        roles.set_up()
        models = (ContentType, Permission, Group, Group.permissions.through)
        kept: list[tuple[Any, list[Any]]] = [
            (model.objects, list(model.objects.all())) for model in models
        ]

    def put_back(**kwargs: object) -> None:
        for manager, rows in kept:
            manager.bulk_create(rows)

    made_by = "django.contrib.auth.management.create_permissions"
    assert post_migrate.disconnect(dispatch_uid=made_by)
    assert post_migrate.disconnect(create_contenttypes)
    post_migrate.connect(put_back, sender=apps.get_app_config("auth"), weak=False)
