import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from authserver.storage.migrating import AlterFieldUnderLoad, DropPatternIndexes


class Migration(migrations.Migration):
    """A certificate of a client is found by what makes it unique, which begins with the client."""

    atomic = False

    dependencies = [
        ('clients', '0009_versions'),
    ]

    operations = [
        AlterFieldUnderLoad(
            model_name='clientcertificate',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='certificates', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
        ),
        DropPatternIndexes('clients_client', 'clients_clientcertificate'),
    ]
