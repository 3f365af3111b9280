from django.db import migrations

from authserver.storage.migrating import DropPatternIndexes


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('replay', '0001_initial'),
    ]

    operations = [
        DropPatternIndexes('replay_usedproof'),
    ]
