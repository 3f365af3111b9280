from typing import Any

import django.core.validators
from django.db import migrations, models

LIMITS = {
    "access_token_seconds": (30, 3600),
    "request_uri_seconds": (5, 599),
    "authorization_code_seconds": (5, 60),
    "transaction_seconds": (60, 3600),
    "pushed_requests_per_client": (1, 1_000_000),
}
MOST_NAMED = 20


def hold_to_the_limits(apps: Any, schema_editor: Any) -> None:
    """A lifetime of 0 counts as an empty one. Stop where another number cannot be meant."""
    rows = apps.get_model("ecosystems", "Ecosystem").objects.using(
        schema_editor.connection.alias
    )
    named = [
        f"{row.slug}: {name} is {getattr(row, name)}, not {least} to {most}"
        for name, (least, most) in LIMITS.items()
        for row in rows.exclude(**{f"{name}__range": (least, most)})
        .exclude(**{name: None})
        .exclude(**{name: 0})
        .order_by("slug")[:MOST_NAMED]
    ]
    if named:
        raise RuntimeError(
            f"Numbers that cannot be meant. {'; '.join(named)}. Correct them (Admin, Ecosystems), and"
            " migrate again. Nothing was changed."
        )
    for name, (least, _) in LIMITS.items():
        new = None if name.endswith("_seconds") else least
        rows.filter(**{name: 0}).update(**{name: new})


class Migration(migrations.Migration):

    dependencies = [
        ('ecosystems', '0005_claims'),
    ]

    operations = [
        migrations.RunPython(hold_to_the_limits, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='ecosystem',
            name='access_token_seconds',
            field=models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(30)]),
        ),
        migrations.AlterField(
            model_name='ecosystem',
            name='authorization_code_seconds',
            field=models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(5)]),
        ),
        migrations.AlterField(
            model_name='ecosystem',
            name='pushed_requests_per_client',
            field=models.PositiveIntegerField(db_default=5000, default=5000, help_text='So many pushed requests of one client may be alive and not completed; one more is answered 429.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000000)]),
        ),
        migrations.AlterField(
            model_name='ecosystem',
            name='request_uri_seconds',
            field=models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(5)]),
        ),
        migrations.AlterField(
            model_name='ecosystem',
            name='transaction_seconds',
            field=models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(60)]),
        ),
        migrations.AddConstraint(
            model_name='ecosystem',
            constraint=models.CheckConstraint(condition=models.Q(('access_token_seconds__isnull', True), ('access_token_seconds__range', (30, 3600)), _connector='OR'), name='ecosystem_access_token_seconds_is_sensible', violation_error_message='access_token_seconds is not between 30 and 3600.'),
        ),
        migrations.AddConstraint(
            model_name='ecosystem',
            constraint=models.CheckConstraint(condition=models.Q(('request_uri_seconds__isnull', True), ('request_uri_seconds__range', (5, 599)), _connector='OR'), name='ecosystem_request_uri_seconds_is_sensible', violation_error_message='request_uri_seconds is not between 5 and 599.'),
        ),
        migrations.AddConstraint(
            model_name='ecosystem',
            constraint=models.CheckConstraint(condition=models.Q(('authorization_code_seconds__isnull', True), ('authorization_code_seconds__range', (5, 60)), _connector='OR'), name='ecosystem_authorization_code_seconds_is_sensible', violation_error_message='authorization_code_seconds is not between 5 and 60.'),
        ),
        migrations.AddConstraint(
            model_name='ecosystem',
            constraint=models.CheckConstraint(condition=models.Q(('transaction_seconds__isnull', True), ('transaction_seconds__range', (60, 3600)), _connector='OR'), name='ecosystem_transaction_seconds_is_sensible', violation_error_message='transaction_seconds is not between 60 and 3600.'),
        ),
        migrations.AddConstraint(
            model_name='ecosystem',
            constraint=models.CheckConstraint(condition=models.Q(('pushed_requests_per_client__isnull', True), ('pushed_requests_per_client__range', (1, 1000000)), _connector='OR'), name='ecosystem_pushed_requests_per_client_is_sensible', violation_error_message='pushed_requests_per_client is not between 1 and 1000000.'),
        ),
    ]
