from django.db import migrations, models

from authserver.storage.migrating import AddIndexUnderLoad, DropPatternIndexes


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('audit', '0007_refused_is_no_event'),
    ]

    operations = [
        AddIndexUnderLoad(
            model_name='auditevent',
            index=models.Index(condition=models.Q(('event__in', ('login.succeeded', 'login.failed', 'login.ended'))), fields=['at'], name='login_to_be_forgotten'),
        ),
        AddIndexUnderLoad(
            model_name='auditevent',
            index=models.Index(condition=models.Q(('event__in', ('request.pushed', 'request.opened', 'token.issued', 'token.refreshed', 'jwks.fetched', 'jwks.failed', 'crl.stored', 'crl.failed'))), fields=['at'], name='traffic_to_be_forgotten'),
        ),
        DropPatternIndexes('audit_auditevent', 'audit_refusal'),
    ]
