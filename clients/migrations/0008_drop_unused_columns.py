from django.db import migrations

UNUSED = (
    'user',
    'client_type',
    'authorization_grant_type',
    'skip_authorization',
    'algorithm',
    'allowed_origins',
    'post_logout_redirect_uris',
    'registration_source',
    'cimd_expires_at',
)


class Migration(migrations.Migration):
    """A server of before asks for these columns: it has to be stopped first."""

    dependencies = [
        ('clients', '0007_defaults_of_unused_columns'),
    ]

    operations = [migrations.RemoveField('client', name) for name in UNUSED]
