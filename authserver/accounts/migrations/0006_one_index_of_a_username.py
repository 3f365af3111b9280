from django.db import migrations

from authserver.storage.migrating import RemoveIndexUnderLoad


class Migration(migrations.Migration):
    """That of how usernames begin finds a whole one, too."""

    atomic = False

    dependencies = [
        ('accounts', '0005_newest_first'),
    ]

    operations = [
        RemoveIndexUnderLoad(
            model_name='user',
            name='people_by_username',
        ),
    ]
