"""``account_information``: read a person's accounts, in the manner of RFC 9396's examples."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from authserver.protocol.requirements import requirement
from consents.types import rules
from consents.types.description import Description, Fact
from consents.types.detail_type import Accounts, Detail, DetailType
from consents.types.moments import instant_of
from consents.types.words import groups_of

SENTENCES = {
    gettext_noop("Your accounts"): {
        "list_accounts": gettext_noop("See the name, number and currency of each account"),
    },
    gettext_noop("Your balances"): {
        "read_balances": gettext_noop("See the balance of each account"),
    },
    gettext_noop("Your transactions"): {
        "read_transactions": gettext_noop(
            "See what was paid into and out of each account, when, and by or to whom"
        ),
    },
}


def end(detail: Detail, now: datetime) -> datetime | None:
    return instant_of(detail["expiration"]) if "expiration" in detail else None


@requirement("RAR-5")
def lasts_a_year_at_most(detail: Detail, now: datetime) -> None:
    rules.end_is_ahead(end(detail, now), now=now)
    rules.end_is_within_a_year(end(detail, now), now=now)


def describe(detail: Detail) -> Description:
    return Description(
        title=_("Account information"),
        question=_("Share your account information?"),
        approve=_("Share my accounts"),
        refuse=_("Do not share"),
        groups=groups_of(detail["actions"], SENTENCES),
        facts=tuple(
            Fact(label=_("Where it is used"), value=location, literal=True, technical=True)
            for location in detail.get("locations", ())
        ),
        stated_purpose=detail.get("purpose", ""),
    )


TYPE = DetailType(
    name="account_information",
    clause="RAR-5",
    schema="account_information.json",
    describe=describe,
    rules=(lasts_a_year_at_most,),
    accounts=Accounts.SOME,
    end=end,
)
