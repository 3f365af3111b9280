import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ecosystems', '0002_ecosystem_pushed_requests_per_client'),
    ]

    operations = [
        migrations.CreateModel(
            name='RevocationList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(blank=True, help_text='Where the CA publishes its complete CRL, by http or https. Empty: it is pasted.', max_length=2000, verbose_name='URL')),
                ('policy', models.CharField(choices=[('not_checked', 'Not checked: kept, and not heeded'), ('required', 'Required: without a list in date, refused')], default='not_checked', max_length=20)),
                ('digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('number', models.CharField(blank=True, editable=False, help_text="The list's own number, decimal.", max_length=50)),
                ('this_update', models.DateTimeField(editable=False, null=True)),
                ('next_update', models.DateTimeField(editable=False, null=True)),
                ('distribution_points', models.JSONField(default=list, editable=False)),
                ('revoked_count', models.PositiveIntegerField(default=0, editable=False)),
                ('revoked_authorities', models.JSONField(default=list, editable=False, help_text='Thumbprints of trusted CAs that it names.')),
                ('fetched_at', models.DateTimeField(editable=False, null=True)),
                ('last_error', models.CharField(blank=True, editable=False, max_length=200)),
                ('anchor', models.OneToOneField(help_text='The CA that signs the list; each has its own.', on_delete=django.db.models.deletion.CASCADE, related_name='revocation_list', to='ecosystems.trustanchor', verbose_name='CA')),
            ],
        ),
        migrations.CreateModel(
            name='RevokedCertificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('serial_number', models.CharField(max_length=40)),
                ('revoked_at', models.DateTimeField()),
                ('revocation_list', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='revoked', to='ecosystems.revocationlist')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('revocation_list', 'serial_number'), name='one_revocation_once')],
            },
        ),
    ]
