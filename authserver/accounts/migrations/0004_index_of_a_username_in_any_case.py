import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Upper

from authserver.storage.migrating import (
    AddIndexUnderLoad,
    AlterFieldUnderLoad,
    DropPatternIndexes,
)


class Migration(migrations.Migration):
    """What a sign-in looks for. The unique ones of an enrolment begin with person and ecosystem."""

    atomic = False

    dependencies = [
        ('accounts', '0003_wrong_codes'),
        ('ecosystems', '0007_versions'),
        ('sessions', '0001_initial'),
    ]

    operations = [
        AddIndexUnderLoad(
            model_name='user',
            index=models.Index(Upper('username'), name='people_by_username'),
        ),
        AlterFieldUnderLoad(
            model_name='enrolment',
            name='ecosystem',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='enrolments', to='ecosystems.ecosystem'),
        ),
        AlterFieldUnderLoad(
            model_name='enrolment',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='enrolments', to=settings.AUTH_USER_MODEL),
        ),
        DropPatternIndexes('accounts_user', 'django_session'),
    ]
