import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from authserver.storage.migrating import (
    AddIndexUnderLoad,
    AlterFieldUnderLoad,
    RemoveIndexUnderLoad,
)


class Migration(migrations.Migration):
    """What operators look for, the newest first; by state also what nobody decided."""

    atomic = False

    dependencies = [
        ('consents', '0007_indexes_that_are_asked'),
        ('ecosystems', '0007_versions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
    ]

    operations = [
        AddIndexUnderLoad(
            model_name='consent',
            index=models.Index(fields=['created_at'], name='consents_by_time'),
        ),
        AddIndexUnderLoad(
            model_name='consent',
            index=models.Index(fields=['ecosystem', 'created_at', 'id'], name='consents_of_an_ecosystem'),
        ),
        AddIndexUnderLoad(
            model_name='consent',
            index=models.Index(fields=['client', 'created_at', 'id'], name='consents_of_a_client'),
        ),
        AddIndexUnderLoad(
            model_name='consent',
            index=models.Index(fields=['state', 'created_at', 'id'], name='consents_by_state'),
        ),
        AddIndexUnderLoad(
            model_name='consent',
            index=models.Index(fields=['external_id'], name='consents_by_external_id'),
        ),
        AlterFieldUnderLoad(
            model_name='consent',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='consents', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
        ),
        AlterFieldUnderLoad(
            model_name='consent',
            name='user',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='consents', to=settings.AUTH_USER_MODEL),
        ),
        RemoveIndexUnderLoad(
            model_name='consent',
            name='undecided_consents',
        ),
    ]
