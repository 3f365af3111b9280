from typing import Any

import django.core.validators
from django.conf import settings
from django.db import migrations, models

LIMITS = {"access_token_seconds": (30, 3600)}
MOST_NAMED = 20


def hold_to_the_limits(apps: Any, schema_editor: Any) -> None:
    """A lifetime of 0 counts as an empty one. Stop where another number cannot be meant."""
    rows = apps.get_model("clients", "Client").objects.using(
        schema_editor.connection.alias
    )
    named = [
        f"{row.client_id}: {name} is {getattr(row, name)}, not {least} to {most}"
        for name, (least, most) in LIMITS.items()
        for row in rows.exclude(**{f"{name}__range": (least, most)})
        .exclude(**{name: None})
        .exclude(**{name: 0})
        .order_by("client_id")[:MOST_NAMED]
    ]
    if named:
        raise RuntimeError(
            f"Numbers that cannot be meant. {'; '.join(named)}. Correct them (Admin, Clients), and"
            " migrate again. Nothing was changed."
        )
    for name, (least, _) in LIMITS.items():
        new = None if name.endswith("_seconds") else least
        rows.filter(**{name: 0}).update(**{name: new})


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0005_claims'),
        ('ecosystems', '0006_sensible_lifetimes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(hold_to_the_limits, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='client',
            name='access_token_seconds',
            field=models.PositiveIntegerField(blank=True, help_text="Only shorter than the ecosystem's.", null=True, validators=[django.core.validators.MinValueValidator(30)]),
        ),
        migrations.AddConstraint(
            model_name='client',
            constraint=models.CheckConstraint(condition=models.Q(('access_token_seconds__isnull', True), ('access_token_seconds__range', (30, 3600)), _connector='OR'), name='client_access_token_seconds_is_sensible', violation_error_message='access_token_seconds is not between 30 and 3600.'),
        ),
    ]
