from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ecosystems', '0004_ecosystem_time_zone'),
    ]

    operations = [
        migrations.AddField(
            model_name='ecosystem',
            name='claims',
            field=models.JSONField(blank=True, db_default=[], default=list, help_text='What a client may be told of a person one by one, by the claims parameter. What the scopes profile and email cover is on offer with them.'),
        ),
    ]
