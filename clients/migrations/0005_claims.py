from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0004_account_source_token_encrypted'),
    ]

    operations = [
        migrations.AddField(
            model_name='client',
            name='claims',
            field=models.JSONField(blank=True, db_default=[], default=list, help_text='What it may be told of a person one by one, by the claims parameter. What the scopes profile and email cover it may ask for with them.'),
        ),
    ]
