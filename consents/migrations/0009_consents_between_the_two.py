from django.db import migrations, models

from authserver.storage.migrating import AddIndexUnderLoad


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('consents', '0008_newest_first'),
    ]

    operations = [
        AddIndexUnderLoad(
            model_name='consent',
            index=models.Index(fields=['user', 'client'], name='consents_between_the_two'),
        ),
    ]
