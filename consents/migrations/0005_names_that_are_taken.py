"""Give every decided consent its names, in the order in which they were decided.

Where two have one name, the first that was authorized has it. The others stay as they are, since
what a person agreed to is not ended by an update; each that is in use is named in the log.
"""

import structlog
from django.db import migrations

BATCH = 500
IN_USE = ("Authorized", "Suspended")
log = structlog.get_logger("consents.names")


def names_in(details):
    """The members of the types that have a name, as they are compared."""
    bodies = [each.get("consent") or each.get("Consent") for each in details]
    names = [body.get("ConsentId") for body in bodies if isinstance(body, dict)]
    return sorted({name.lower() for name in names if isinstance(name, str) and name})


def give_names(apps, schema_editor):
    database = schema_editor.connection.alias
    consents = apps.get_model("consents", "Consent").objects.using(database)
    decided = consents.exclude(state="AwaitingAuthorization").exclude(external_id="")
    authorized = decided.exclude(authorized_at=None).order_by("authorized_at", "pk")
    others = decided.filter(authorized_at=None).order_by("state_changed_at", "pk")
    for some in (authorized, others):
        batch = []
        for consent in some.iterator(chunk_size=BATCH):
            batch.append(consent)
            if len(batch) == BATCH:
                give(apps, batch, database)
                batch = []
        give(apps, batch, database)


def give(apps, consents, database):
    ConsentName = apps.get_model("consents", "ConsentName")
    wanted = [
        ConsentName(ecosystem_id=each.ecosystem_id, name=name, consent=each)
        for each in consents
        for name in names_in(each.authorization_details)
    ]
    names = ConsentName.objects.using(database)
    names.bulk_create(wanted, ignore_conflicts=True)
    stored = names.filter(name__in=[row.name for row in wanted])
    owners = {(row.ecosystem_id, row.name): row.consent_id for row in stored}
    for row in wanted:
        owner = owners[row.ecosystem_id, row.name]
        if owner != row.consent_id and row.consent.state in IN_USE:
            log.warning("consents.name_is_shared", consent=str(row.consent_id), owner=str(owner))


class Migration(migrations.Migration):
    atomic = False  # each batch for itself: nothing waits for the whole

    dependencies = [("consents", "0004_names_of_decided_consents")]

    operations = [migrations.RunPython(give_names, migrations.RunPython.noop)]
