from django.db import migrations, models


class Migration(migrations.Migration):
    """A client can be stored without the columns that nothing reads: they go in the next one."""

    dependencies = [
        ('clients', '0006_sensible_lifetimes'),
    ]

    operations = [
        migrations.AlterField('client', 'client_type', models.CharField(max_length=32, db_default='confidential')),
        migrations.AlterField('client', 'authorization_grant_type', models.CharField(max_length=44, db_default='authorization-code')),
        migrations.AlterField('client', 'skip_authorization', models.BooleanField(db_default=False)),
        migrations.AlterField('client', 'algorithm', models.CharField(blank=True, max_length=5, db_default='')),
        migrations.AlterField('client', 'allowed_origins', models.TextField(blank=True, db_default='')),
        migrations.AlterField('client', 'post_logout_redirect_uris', models.TextField(blank=True, db_default='')),
        migrations.AlterField('client', 'registration_source', models.CharField(max_length=32, db_default='manual')),
    ]
