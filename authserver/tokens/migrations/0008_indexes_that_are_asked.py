import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from authserver.storage.migrating import (
    AddIndexUnderLoad,
    AlterFieldUnderLoad,
    DropPatternIndexes,
    RemoveIndexUnderLoad,
)


class Migration(migrations.Migration):
    """An index of what may be null has those rows alone that are not."""

    atomic = False

    dependencies = [
        ('tokens', '0007_drop_unused_tables'),
    ]

    operations = [
        AddIndexUnderLoad(
            model_name='accesstoken',
            index=models.Index(condition=models.Q(('authorization_code__isnull', False)), fields=['authorization_code'], name='access_tokens_of_a_code'),
        ),
        AddIndexUnderLoad(
            model_name='accesstoken',
            index=models.Index(condition=models.Q(('refresh_token__isnull', False)), fields=['refresh_token'], name='access_tokens_of_a_refresh'),
        ),
        AddIndexUnderLoad(
            model_name='accesstoken',
            index=models.Index(condition=models.Q(('consent__isnull', False)), fields=['consent'], name='access_tokens_of_a_consent'),
        ),
        AddIndexUnderLoad(
            model_name='accesstoken',
            index=models.Index(condition=models.Q(('user__isnull', False)), fields=['user'], name='access_tokens_of_a_person'),
        ),
        AddIndexUnderLoad(
            model_name='refreshtoken',
            index=models.Index(condition=models.Q(('revoked__isnull', False)), fields=['revoked'], name='refresh_tokens_by_revocation'),
        ),
        AddIndexUnderLoad(
            model_name='pushedrequest',
            index=models.Index(fields=['client', 'expires_at'], name='pushed_requests_of_a_client'),
        ),
        AddIndexUnderLoad(
            model_name='pushedrequest',
            index=models.Index(condition=models.Q(('consent__isnull', False)), fields=['consent'], name='pushed_requests_of_a_consent'),
        ),
        AddIndexUnderLoad(
            model_name='authorizationtransaction',
            index=models.Index(condition=models.Q(('user__isnull', False)), fields=['user'], name='transactions_of_a_person'),
        ),
        AddIndexUnderLoad(
            model_name='authorizationtransaction',
            index=models.Index(condition=models.Q(('consent__isnull', False)), fields=['consent'], name='transactions_of_a_consent'),
        ),
        AlterFieldUnderLoad(
            model_name='accesstoken',
            name='authorization_code',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.OAUTH2_PROVIDER_GRANT_MODEL),
        ),
        AlterFieldUnderLoad(
            model_name='accesstoken',
            name='refresh_token',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL),
        ),
        AlterFieldUnderLoad(
            model_name='accesstoken',
            name='consent',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, to='consents.consent'),
        ),
        AlterFieldUnderLoad(
            model_name='accesstoken',
            name='user',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(app_label)s_%(class)s', to=settings.AUTH_USER_MODEL),
        ),
        AlterFieldUnderLoad(
            model_name='pushedrequest',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
        ),
        AlterFieldUnderLoad(
            model_name='pushedrequest',
            name='consent',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, to='consents.consent'),
        ),
        AlterFieldUnderLoad(
            model_name='authorizationtransaction',
            name='user',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL),
        ),
        AlterFieldUnderLoad(
            model_name='authorizationtransaction',
            name='consent',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, to='consents.consent'),
        ),
        RemoveIndexUnderLoad(
            model_name='pushedrequest',
            name='waiting_pushed_requests',
        ),
        DropPatternIndexes(
            'tokens_accesstoken',
            'tokens_authorizationcode',
            'tokens_authorizationtransaction',
            'tokens_pushedrequest',
        ),
    ]
