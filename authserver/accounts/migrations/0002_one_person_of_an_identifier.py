from typing import Any

from django.db import migrations, models
from django.db.models import Count

MOST_NAMED = 20


def hold_to_one_person(apps: Any, schema_editor: Any) -> None:
    """Stop where two people share an identifier: which of them it is, only the bank can say."""
    enrolments = apps.get_model("accounts", "Enrolment").objects.using(
        schema_editor.connection.alias
    )
    shared = (
        enrolments.values("ecosystem__slug", "person_id")
        .annotate(people=Count("pk"))
        .filter(people__gt=1)
        .order_by("ecosystem__slug", "person_id")
    )
    named = []
    for each in shared[:MOST_NAMED]:
        keys = enrolments.filter(
            ecosystem__slug=each["ecosystem__slug"], person_id=each["person_id"]
        ).values_list("pk", flat=True)
        named.append(f"{each['ecosystem__slug']}: enrolments {', '.join(map(str, sorted(keys)))}")
    if named:
        raise RuntimeError(
            "Several people are enrolled under one identifier of a bank, and see each other's"
            f" accounts. {'; '.join(named)}. Ask the bank whose it is, correct the identifier of"
            " the others on the pages of these enrolments or delete their rows, stop the consents"
            " that they gave, and migrate again. Nothing was changed."
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunPython(hold_to_one_person, migrations.RunPython.noop),
        migrations.AddField(
            model_name="enrolment",
            name="name_at_bank",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="Who the bank said that this is, when an operator confirmed it.",
                max_length=200,
            ),
        ),
        migrations.AddField(
            model_name="enrolment",
            name="needs_confirmation",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="No bank has said yet who this is: no accounts are asked for.",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.UniqueConstraint(
                fields=("ecosystem", "person_id"),
                name="one_person_of_an_identifier",
                violation_error_message="This identifier is another person's here.",
            ),
        ),
    ]
