"""How many wrong codes a second factor may be shown: a budget that days do not refill.

Five guesses in five minutes are 1,440 a day, against three codes that are right at any moment. So
a person's wrong codes are counted for good, each block is longer than the one before, and the last
one ends when an operator lifts it (RTS 2018/389, article 4(3)(b)); before that, the person is
warned. Who is right gets back as many as a person mistypes, and no more. Only who has proved the
password gets here, so nobody else can spend it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from authserver.accounts.models import User, WrongCodes
from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.protocol.requirements import case

BUDGET = 20  # our choice: of a million codes three are right, so a thief finds one in 17,000
GIVEN_BACK = 5
WARNED_FROM = 5  # wrong codes that are left
WAITS = {5: timedelta(minutes=5), 10: timedelta(hours=1), 15: timedelta(days=1)}


@dataclass
class CodesAreBlocked(Exception):
    """No code is looked at: for a while, or until an operator lifts the block."""

    until_lifted: bool


@transaction.atomic
@case("LG-06", "LG-01")
def spend(user: User, *, now: datetime) -> int:
    """Count a try before it is looked at, and return how many are left; or raise CodesAreBlocked.

    The row is locked, so that of any number of tries at one moment no more pass than are left.
    """
    WrongCodes.objects.get_or_create(user=user)
    row = WrongCodes.objects.select_for_update().get(user=user)
    if row.spent >= BUDGET:
        raise CodesAreBlocked(until_lifted=True)
    if row.blocked_until is not None and row.blocked_until > now:
        raise CodesAreBlocked(until_lifted=False)
    row.spent += 1
    wait = WAITS.get(row.spent)
    row.blocked_until = now + wait if wait else None
    row.save()
    return BUDGET - row.spent


@transaction.atomic
def succeed(user: User) -> None:
    """The try that was counted last was right: it is taken back, with a few before it."""
    row = WrongCodes.objects.select_for_update().filter(user=user).first()
    if row is not None:
        row.spent = max(0, row.spent - 1 - GIVEN_BACK)
        row.blocked_until = None
        row.save()


def note_the_end(user: User) -> None:
    """The last one was wrong, too: from here on an operator has to help."""
    record(Event.SECOND_FACTOR_BLOCKED, subject=str(user.uid))


@transaction.atomic
def lift(user: User, *, by: str) -> bool:
    """Begin anew; False if there was nothing to lift."""
    lifted, _ = WrongCodes.objects.filter(user=user).delete()
    if lifted:
        record(Event.SECOND_FACTOR_UNBLOCKED, actor=by, subject=str(user.uid))
    return bool(lifted)
