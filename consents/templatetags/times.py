"""Times as a person reads them, where their ecosystem is: every filter is told the zone.

{{ instant|day:zone }}      7 January 2027
{{ instant|moment:zone }}   7 January 2027, 00:30 Dubai time
{{ instant|hour:zone }}     00:30 Dubai time
{{ instant|limit:zone }}    an end: the day alone where the end includes all of it, else the moment
"""

from datetime import datetime, timedelta, tzinfo

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from authserver.ecosystems import zones

register = template.Library()

DAY, HOUR = "j F Y", "H:i"
MIDNIGHT = timedelta(0)
LAST_MINUTE = timedelta(hours=23, minutes=59)


@register.filter
def day(instant: datetime, zone: tzinfo) -> str:
    return date_format(zones.there(instant, zone), DAY)


@register.filter
def moment(instant: datetime, zone: tzinfo) -> str:
    return _("%(day)s, %(hour)s") % {"day": day(instant, zone), "hour": hour(instant, zone)}


@register.filter
def hour(instant: datetime, zone: tzinfo) -> str:
    there = zones.there(instant, zone)
    return _("%(hour)s %(zone)s") % {
        "hour": date_format(there, HOUR),
        "zone": zones.in_words(there),
    }


@register.filter
def limit(instant: datetime, zone: tzinfo) -> str:
    """Midnight is the end of the day before it: who reads "until the 7th" thinks it included."""
    there = zones.there(instant, zone)
    of_day = timedelta(hours=there.hour, minutes=there.minute)
    if of_day == MIDNIGHT and not there.second:
        return date_format(there - timedelta(days=1), DAY)
    return date_format(there, DAY) if of_day == LAST_MINUTE else moment(instant, zone)
