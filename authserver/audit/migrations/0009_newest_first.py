from django.db import migrations, models

from authserver.storage.migrating import AddIndexUnderLoad, AlterFieldUnderLoad


class Migration(migrations.Migration):
    """What operators look for, the newest first."""

    atomic = False

    dependencies = [
        ('audit', '0008_indexes_of_what_is_forgotten'),
    ]

    operations = [
        AddIndexUnderLoad(
            model_name='auditevent',
            index=models.Index(fields=['event', 'at', 'id'], name='events_by_name'),
        ),
        AddIndexUnderLoad(
            model_name='auditevent',
            index=models.Index(fields=['ecosystem', 'at', 'id'], name='events_of_an_ecosystem'),
        ),
        AddIndexUnderLoad(
            model_name='auditevent',
            index=models.Index(fields=['client_id', 'at', 'id'], name='events_of_a_client'),
        ),
        AddIndexUnderLoad(
            model_name='auditevent',
            index=models.Index(fields=['subject', 'at'], name='events_about_a_subject'),
        ),
        AddIndexUnderLoad(
            model_name='auditevent',
            index=models.Index(fields=['actor', 'at', 'id'], name='events_of_an_actor'),
        ),
        AddIndexUnderLoad(
            model_name='refusal',
            index=models.Index(fields=['ecosystem', 'at', 'id'], name='refusals_of_an_ecosystem'),
        ),
        AddIndexUnderLoad(
            model_name='refusal',
            index=models.Index(fields=['client_id', 'at', 'id'], name='refusals_of_a_client'),
        ),
        AddIndexUnderLoad(
            model_name='refusal',
            index=models.Index(fields=['clause', 'at', 'id'], name='refusals_by_clause'),
        ),
        AddIndexUnderLoad(
            model_name='refusal',
            index=models.Index(fields=['endpoint', 'at', 'id'], name='refusals_by_endpoint'),
        ),
        AddIndexUnderLoad(
            model_name='refusal',
            index=models.Index(fields=['error', 'at', 'id'], name='refusals_by_error'),
        ),
        AddIndexUnderLoad(
            model_name='refusal',
            index=models.Index(fields=['address', 'at', 'id'], name='refusals_by_address'),
        ),
        AddIndexUnderLoad(
            model_name='tally',
            index=models.Index(fields=['hour'], name='tallies_by_hour'),
        ),
        AlterFieldUnderLoad(
            model_name='auditevent',
            name='client_id',
            field=models.CharField(blank=True, max_length=255),
        ),
        AlterFieldUnderLoad(
            model_name='auditevent',
            name='ecosystem',
            field=models.CharField(blank=True, max_length=50),
        ),
        AlterFieldUnderLoad(
            model_name='auditevent',
            name='subject',
            field=models.CharField(blank=True, help_text='Id of what the event is about.', max_length=255),
        ),
        AlterFieldUnderLoad(
            model_name='refusal',
            name='clause',
            field=models.CharField(blank=True, max_length=60),
        ),
        AlterFieldUnderLoad(
            model_name='refusal',
            name='client_id',
            field=models.CharField(blank=True, max_length=255),
        ),
        AlterFieldUnderLoad(
            model_name='refusal',
            name='ecosystem',
            field=models.CharField(max_length=50),
        ),
    ]
