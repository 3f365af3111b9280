from django.db import migrations, models


class Migration(migrations.Migration):
    """Access tokens that exist, and those that older code still writes, have none: judged as before.

    Refresh tokens of both came by a code.
    """

    dependencies = [
        ('tokens', '0005_evidence_of_a_pushed_request'),
    ]

    operations = [
        migrations.AddField(
            model_name='accesstoken',
            name='grant_type',
            field=models.CharField(blank=True, db_default='', help_text='The one that it came by, or that the refresh token renews.', max_length=100),
        ),
        migrations.AddField(
            model_name='refreshtoken',
            name='grant_type',
            field=models.CharField(db_default='authorization_code', help_text='The one that it renews.', max_length=100),
        ),
    ]
