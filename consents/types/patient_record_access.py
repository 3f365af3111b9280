"""``patient-record-access``: a type from outside banking; nothing of it is about accounts."""

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from authserver.protocol.requirements import requirement
from consents.types import rules
from consents.types.description import Description, Fact
from consents.types.detail_type import Detail, DetailType
from consents.types.moments import instant_of
from consents.types.words import groups_of

SENTENCES = {
    gettext_noop("What is done with your record"): {
        "read": gettext_noop("Look at the parts below"),
        "export": gettext_noop("Keep a copy of the parts below"),
    },
    gettext_noop("Parts of your record"): {
        "allergies": gettext_noop("Allergies and intolerances"),
        "conditions": gettext_noop("Illnesses and diagnoses"),
        "immunizations": gettext_noop("Vaccinations"),
        "medications": gettext_noop("Medicines you take or have taken"),
        "observations": gettext_noop("Measurements and laboratory results"),
    },
}


def end(detail: Detail, now: datetime) -> datetime | None:
    return instant_of(detail["expiration"]) if "expiration" in detail else None


@requirement("RAR-5")
def end_is_ahead(detail: Detail, now: datetime) -> None:
    rules.end_is_ahead(end(detail, now), now=now)


@requirement("RAR-5")
def period_begins_before_it_ends(detail: Detail, now: datetime) -> None:
    rules.first_is_not_after(
        detail.get("from"), detail.get("to"), sentence="the period ends before it begins"
    )


def describe(detail: Detail) -> Description:
    labels = {"from": _("Entries from"), "to": _("Entries until")}
    return Description(
        title=_("Health record"),
        question=_("Share parts of your health record?"),
        approve=_("Share these parts"),
        refuse=_("Do not share"),
        groups=groups_of([*detail["actions"], *detail["datatypes"]], SENTENCES),
        facts=tuple(
            Fact(label=label, value=date.fromisoformat(detail[name]))
            for name, label in labels.items()
            if name in detail
        ),
        stated_purpose=detail.get("purpose", ""),
    )


TYPE = DetailType(
    name="patient-record-access",
    clause="RAR-5",
    schema="patient_record_access.json",
    describe=describe,
    rules=(end_is_ahead, period_begins_before_it_ends),
    end=end,
)
