from django.db import migrations, models


class Migration(migrations.Migration):
    """Two tables that never had a row, and a column: a server of before has to be stopped first."""

    dependencies = [
        ('tokens', '0006_grant_type_of_a_token'),
        ('oauth2_provider', '0001_initial'),
    ]

    operations = [
        migrations.RemoveField('refreshtoken', 'token_family'),
        migrations.DeleteModel('IDToken'),
        migrations.CreateModel(
            name='IDToken',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
            ],
            options={'managed': False},
        ),
        migrations.RunSQL('DROP TABLE IF EXISTS oauth2_provider_devicegrant', migrations.RunSQL.noop),
        migrations.CreateModel(
            name='DeviceGrant',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
            ],
            options={'managed': False},
        ),
    ]
