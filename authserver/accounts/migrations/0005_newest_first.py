from django.db import migrations, models
from django.db.models.functions import Upper

from authserver.storage.beginnings import IndexOfBeginnings
from authserver.storage.migrating import AddIndexUnderLoad


class Migration(migrations.Migration):
    """Whom operators look for, the newest first, or by how their names begin."""

    atomic = False

    dependencies = [
        ('accounts', '0004_index_of_a_username_in_any_case'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('ecosystems', '0007_versions'),
    ]

    operations = [
        AddIndexUnderLoad(
            model_name='enrolment',
            index=models.Index(fields=['enrolled_at', 'id'], name='enrolments_by_time'),
        ),
        AddIndexUnderLoad(
            model_name='enrolment',
            index=models.Index(fields=['ecosystem', 'enrolled_at', 'id'], name='enrolments_of_ecosystem'),
        ),
        AddIndexUnderLoad(
            model_name='enrolment',
            index=models.Index(fields=['is_active', 'enrolled_at', 'id'], name='active_enrolments'),
        ),
        AddIndexUnderLoad(
            model_name='enrolment',
            index=models.Index(fields=['needs_confirmation', 'enrolled_at', 'id'], name='unnamed_enrolments'),
        ),
        AddIndexUnderLoad(
            model_name='user',
            index=models.Index(Upper('email'), name='people_by_email'),
        ),
        AddIndexUnderLoad(
            model_name='user',
            index=IndexOfBeginnings(Upper('username'), name='people_by_begun_username'),
        ),
        AddIndexUnderLoad(
            model_name='user',
            index=IndexOfBeginnings(Upper('display_name'), name='people_by_begun_name'),
        ),
        AddIndexUnderLoad(
            model_name='user',
            index=models.Index(fields=['date_joined', 'id'], name='people_by_joining'),
        ),
        AddIndexUnderLoad(
            model_name='user',
            index=models.Index(fields=['is_staff', 'date_joined', 'id'], name='staff_by_joining'),
        ),
        AddIndexUnderLoad(
            model_name='user',
            index=models.Index(fields=['is_active', 'date_joined', 'id'], name='active_people_by_joining'),
        ),
    ]
