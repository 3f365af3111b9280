import django.db.models.deletion
from django.db import migrations, models

from authserver.storage.migrating import (
    AddIndexUnderLoad,
    AlterFieldUnderLoad,
    RemoveIndexUnderLoad,
)


class Migration(migrations.Migration):
    """That of a client and that of a person stay, which are smaller than what began with them."""

    atomic = False

    dependencies = [
        ('consents', '0006_grant'),
        ('ecosystems', '0007_versions'),
    ]

    operations = [
        AddIndexUnderLoad(
            model_name='consent',
            index=models.Index(condition=models.Q(('state__in', ('Authorized', 'Suspended'))), fields=['expires_at'], name='consents_in_use_by_end'),
        ),
        RemoveIndexUnderLoad(
            model_name='consent',
            name='consents_co_user_id_40a4b7_idx',
        ),
        RemoveIndexUnderLoad(
            model_name='consent',
            name='consents_co_client__ddb4f1_idx',
        ),
        AlterFieldUnderLoad(
            model_name='consent',
            name='ecosystem',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='ecosystems.ecosystem'),
        ),
        AlterFieldUnderLoad(
            model_name='consentname',
            name='ecosystem',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ecosystems.ecosystem'),
        ),
    ]
