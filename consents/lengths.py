"""How long something lasts, in the words of people."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def in_words(*, since: datetime, until: datetime) -> str:
    """``90 days``, ``one year``; rounded to what a person would say.

    The number has a name in the text, since Arabic says "two days" without one.
    """
    days = round((until - since).total_seconds() / 86_400)
    if days < 1:
        hours = max(1, round((until - since).total_seconds() / 3600))
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    if 364 <= days <= 366:
        return _("one year")
    if days <= 100:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if days < 700:
        months = round(days / 30.44)
        return ngettext("about %(n)d month", "about %(n)d months", months) % {"n": months}
    years = round(days / 365.25)
    return ngettext("about %(n)d year", "about %(n)d years", years) % {"n": years}
