import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from authserver.storage.migrating import AddIndexUnderLoad, AlterFieldUnderLoad


class Migration(migrations.Migration):
    """What a client was given, the newest first."""

    atomic = False

    dependencies = [
        ('consents', '0008_newest_first'),
        ('tokens', '0009_nobody_looks_for_a_jti'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
    ]

    operations = [
        AddIndexUnderLoad(
            model_name='accesstoken',
            index=models.Index(fields=['application', 'id'], name='access_tokens_of_a_client'),
        ),
        AddIndexUnderLoad(
            model_name='authorizationcode',
            index=models.Index(fields=['application', 'id'], name='codes_of_a_client'),
        ),
        AddIndexUnderLoad(
            model_name='refreshtoken',
            index=models.Index(fields=['application', 'id'], name='refresh_tokens_of_a_client'),
        ),
        AlterFieldUnderLoad(
            model_name='accesstoken',
            name='application',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
        ),
        AlterFieldUnderLoad(
            model_name='authorizationcode',
            name='application',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
        ),
        AlterFieldUnderLoad(
            model_name='refreshtoken',
            name='application',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
        ),
    ]
