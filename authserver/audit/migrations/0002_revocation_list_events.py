from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='auditevent',
            name='event',
            field=models.CharField(choices=[('request.pushed', 'Request Pushed'), ('request.opened', 'Request Opened'), ('request.refused', 'Request Refused'), ('consent.staged', 'Consent Staged'), ('consent.authorized', 'Consent Authorized'), ('consent.rejected', 'Consent Rejected'), ('consent.revoked', 'Consent Revoked'), ('consent.suspended', 'Consent Suspended'), ('consent.resumed', 'Consent Resumed'), ('consent.consumed', 'Consent Consumed'), ('consent.expired', 'Consent Expired'), ('code.issued', 'Code Issued'), ('code.replayed', 'Code Replayed'), ('code.shown_by_another_client', 'Code Shown By Another'), ('token.issued', 'Token Issued'), ('token.refreshed', 'Token Refreshed'), ('token.revoked', 'Token Revoked'), ('login.succeeded', 'Login Succeeded'), ('login.failed', 'Login Failed'), ('login.ended', 'Logged Out'), ('login.factor_added', 'Second Factor Added'), ('login.factor_removed', 'Second Factor Removed'), ('login.password_changed', 'Password Changed'), ('person.registered', 'Person Registered'), ('person.changed', 'Person Changed'), ('person.enrolled', 'Person Enrolled'), ('person.unenrolled', 'Person Unenrolled'), ('ecosystem.created', 'Ecosystem Created'), ('ecosystem.changed', 'Ecosystem Changed'), ('ecosystem.trust_anchor_added', 'Trust Anchor Added'), ('ecosystem.trust_anchor_removed', 'Trust Anchor Removed'), ('crl.added', 'Crl Added'), ('crl.changed', 'Crl Changed'), ('crl.stored', 'Crl Stored'), ('crl.failed', 'Crl Failed'), ('crl.removed', 'Crl Removed'), ('participant.registered', 'Participant Registered'), ('participant.changed', 'Participant Changed'), ('participant.suspended', 'Participant Suspended'), ('participant.activated', 'Participant Activated'), ('participant.removed', 'Participant Removed'), ('client.registered', 'Client Registered'), ('client.changed', 'Client Changed'), ('client.suspended', 'Client Suspended'), ('client.activated', 'Client Activated'), ('client.removed', 'Client Removed'), ('certificate.registered', 'Certificate Registered'), ('certificate.revoked', 'Certificate Revoked'), ('jwks.fetched', 'Jwks Fetched'), ('jwks.failed', 'Jwks Failed'), ('resource_server.registered', 'Resource Server Registered'), ('resource_server.changed', 'Resource Server Changed'), ('resource_server.removed', 'Resource Server Removed'), ('key.created', 'Key Created'), ('key.activated', 'Key Activated'), ('key.retired', 'Key Retired'), ('admin.list_exported', 'List Exported')], max_length=40),
        ),
    ]
