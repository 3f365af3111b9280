"""What the database holds before any test: content types and permissions."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.db.models.signals import post_migrate


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> None:
    """After a test that commits, put those rows back as they were.

    Django empties every table then, and works out anew, by 150 queries, what it had.
    """
    with django_db_blocker.unblock():
        types, permissions = list(ContentType.objects.all()), list(Permission.objects.all())

    def put_back(**kwargs: object) -> None:
        ContentType.objects.bulk_create(types)
        Permission.objects.bulk_create(permissions)

    made_by = "django.contrib.auth.management.create_permissions"
    assert post_migrate.disconnect(dispatch_uid=made_by)
    assert post_migrate.disconnect(create_contenttypes)
    post_migrate.connect(put_back, sender=apps.get_app_config("auth"), weak=False)
