"""What changes about a person: enrolment and factors, each with its audit event."""

from collections.abc import Collection

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt
from django.contrib.auth.models import Group
from django.db import transaction

from authserver.accounts.models import Enrolment, User
from authserver.accounts.one_time_codes import LAST_STEP
from authserver.audit.changes import changes_of
from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.ecosystems.models import Ecosystem


@transaction.atomic
def register(user: User, *, by: str) -> User:
    """Store a new person; they see nothing until they are enrolled."""
    user.save()
    record(
        Event.PERSON_REGISTERED,
        actor=by,
        subject=str(user.uid),
        username=user.username,
        staff=user.is_staff,
    )
    return user


@transaction.atomic
def change(user: User, *, by: str) -> None:
    """Store what differs from the stored row; a password is named, never shown."""
    changed = changes_of(user, secret=("password",))
    changed.pop("last_login", None)
    if changed:
        user.save(update_fields=list(changed))
        record(Event.PERSON_CHANGED, actor=by, subject=str(user.uid), changed=changed)


@transaction.atomic
def set_groups(user: User, *, groups: Collection[Group], by: str) -> None:
    """Give an operator exactly these groups; the same ones as before, nothing is written."""
    before = set(user.groups.all())
    if before == set(groups):
        return
    user.groups.set(groups)
    names = [sorted(each.name for each in some) for some in (before, groups)]
    record(Event.PERSON_CHANGED, actor=by, subject=str(user.uid), groups=names)


@transaction.atomic
def enrol(user: User, *, ecosystem: Ecosystem, person_id: str, by: str) -> Enrolment:
    """Let a person into an ecosystem, under the identifier that its bank knows them by."""
    enrolment, _ = Enrolment.objects.update_or_create(
        user=user, ecosystem=ecosystem, defaults={"person_id": person_id, "is_active": True}
    )
    record(Event.PERSON_ENROLLED, ecosystem=ecosystem.slug, actor=by, subject=str(user.uid))
    return enrolment


@transaction.atomic
def unenrol(user: User, *, ecosystem: Ecosystem, by: str) -> bool:
    """End it, effective at the next authorization; False if there was nothing to end."""
    ended = Enrolment.objects.filter(user=user, ecosystem=ecosystem, is_active=True).update(
        is_active=False
    )
    if ended:
        record(Event.PERSON_UNENROLLED, ecosystem=ecosystem.slug, actor=by, subject=str(user.uid))
    return bool(ended)


@transaction.atomic
def add_second_factor(user: User, *, secret: str, by: str, used_step: int = 0) -> Authenticator:
    """Give a person a TOTP secret (base32), and recovery codes; raise IntegrityError if they
    have one.

    ``used_step`` is the time step of the code that proved it, which is thereby used up.
    """
    authenticator = TOTP.activate(user, secret).instance
    authenticator.data[LAST_STEP] = used_step
    authenticator.save(update_fields=["data"])
    RecoveryCodes.activate(user)
    record(
        Event.SECOND_FACTOR_ADDED,
        actor=by,
        subject=str(user.uid),
        factors=[Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES],
    )
    return authenticator


@transaction.atomic
def give_second_factor(user: User, *, secret: str, by: str) -> None:
    """Make this TOTP secret (base32) the person's second factor, if it is not yet."""
    held = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if held is not None and decrypt(held.data["secret"]) == secret:
        return
    remove_second_factor(user, by=by)
    add_second_factor(user, secret=secret, by=by)


@transaction.atomic
def remove_second_factor(user: User, *, by: str) -> bool:
    """Take the TOTP secret and the recovery codes away; False if there were none."""
    found = list(Authenticator.objects.select_for_update().filter(user=user))
    if not found:
        return False
    Authenticator.objects.filter(pk__in=[each.pk for each in found]).delete()
    record(
        Event.SECOND_FACTOR_REMOVED,
        actor=by,
        subject=str(user.uid),
        factors=sorted(each.type for each in found),
    )
    return True


@transaction.atomic
def renew_recovery_codes(user: User, *, by: str) -> Authenticator:
    """Replace all recovery codes; the old ones are dead at once."""
    User.objects.select_for_update().get(pk=user.pk)
    Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
    authenticator: Authenticator = RecoveryCodes.activate(user).instance
    record(
        Event.SECOND_FACTOR_ADDED,
        actor=by,
        subject=str(user.uid),
        factors=[Authenticator.Type.RECOVERY_CODES],
    )
    return authenticator
