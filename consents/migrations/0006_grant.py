from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('consents', '0005_names_that_are_taken'),
    ]

    operations = [
        migrations.AddField(
            model_name='consent',
            name='claims',
            field=models.JSONField(blank=True, help_text='None in a row from before they were kept: then those that its scopes cover.', null=True),
        ),
        migrations.AddField(
            model_name='consent',
            name='purpose',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='consent',
            name='resources',
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
    ]
