"""What changes about a person: enrolment and factors, each with its audit event."""

from collections.abc import Collection

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from authserver.accounts.allauth_internals import TOTP, RecoveryCodes
from authserver.accounts.models import Enrolment, User, WrongCodes
from authserver.accounts.one_time_codes import LAST_STEP
from authserver.audit.changes import changes_of, made, pair, removed
from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.requirements import case

ADDED = [Authenticator.Type.RECOVERY_CODES.value, Authenticator.Type.TOTP.value]


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
        changed=made(user),
    )
    return user


@transaction.atomic
def change(user: User, *, by: str) -> None:
    """Store what differs from the stored row; a password is a digest in the trail."""
    changed = changes_of(user)
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
    record(
        Event.PERSON_CHANGED,
        actor=by,
        subject=str(user.uid),
        changed={"groups": pair("groups", *names)},
    )


class PersonIdTaken(Exception):
    """The identifier is another person's in this ecosystem."""


@case("AD-05")
@transaction.atomic
def enrol(
    user: User, *, ecosystem: Ecosystem, person_id: str, by: str, name_at_bank: str = ""
) -> Enrolment:
    """Let a person into an ecosystem, under the identifier that its bank knows them by.

    ``name_at_bank`` is whom the bank named for it, as confirmed by whoever enrols. Under an
    identifier that nobody named, no accounts are asked for. Raise PersonIdTaken.
    """
    known = Enrolment.objects.select_for_update().filter(user=user, ecosystem=ecosystem).first()
    row = known or Enrolment(user=user, ecosystem=ecosystem)
    if known is None or row.person_id != person_id or name_at_bank:
        row.name_at_bank, row.needs_confirmation = name_at_bank, not name_at_bank
    row.person_id, row.is_active = person_id, True
    changed = changes_of(row) if known else made(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise PersonIdTaken from None
    if changed:
        record(
            Event.PERSON_ENROLLED,
            ecosystem=ecosystem.slug,
            actor=by,
            subject=str(user.uid),
            changed=changed,
        )
    return row


@transaction.atomic
def unenrol(user: User, *, ecosystem: Ecosystem, by: str) -> bool:
    """End it, effective at the next authorization; False if there was nothing to end."""
    ended = Enrolment.objects.filter(user=user, ecosystem=ecosystem, is_active=True).update(
        is_active=False
    )
    if ended:
        record(
            Event.PERSON_UNENROLLED,
            ecosystem=ecosystem.slug,
            actor=by,
            subject=str(user.uid),
            changed={"is_active": pair("is_active", True, False)},
        )
    return bool(ended)


@transaction.atomic
def forget_enrolment(enrolment: Enrolment, *, by: str) -> None:
    """Delete one that has ended, so that its identifier can be given to whose it is."""
    record(
        Event.PERSON_UNENROLLED,
        ecosystem=enrolment.ecosystem.slug,
        actor=by,
        subject=str(enrolment.user.uid),
        changed=removed(enrolment),
    )
    enrolment.delete()


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
        factors=ADDED,
        changed={"factors": pair("factors", None, ADDED)},
    )
    return authenticator


@transaction.atomic
def give_second_factor(user: User, *, secret: str, by: str) -> None:
    """Make this TOTP secret (base32) the person's second factor, if it is not yet."""
    authenticator = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if authenticator is not None and decrypt(authenticator.data["secret"]) == secret:
        return
    remove_second_factor(user, by=by)
    add_second_factor(user, secret=secret, by=by)


@transaction.atomic
def remove_second_factor(user: User, *, by: str) -> bool:
    """Take the TOTP secret and the recovery codes away; False if there were none."""
    authenticators = list(Authenticator.objects.select_for_update().filter(user=user))
    if not authenticators:
        return False
    Authenticator.objects.filter(pk__in=[each.pk for each in authenticators]).delete()
    kinds = sorted(each.type for each in authenticators)
    WrongCodes.objects.filter(user=user).delete()  # of a secret that is no more
    record(
        Event.SECOND_FACTOR_REMOVED,
        actor=by,
        subject=str(user.uid),
        factors=kinds,
        changed={"factors": pair("factors", kinds, None)},
    )
    return True


@transaction.atomic
def renew_recovery_codes(user: User, *, by: str) -> Authenticator:
    """Replace all recovery codes; the old ones are dead at once."""
    User.objects.select_for_update().get(pk=user.pk)
    recovery_codes = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES)
    before = list(recovery_codes.values_list("data", flat=True))
    recovery_codes.delete()
    authenticator: Authenticator = RecoveryCodes.activate(user).instance
    record(
        Event.SECOND_FACTOR_ADDED,
        actor=by,
        subject=str(user.uid),
        factors=[Authenticator.Type.RECOVERY_CODES],
        changed={"encrypted_seed": pair("encrypted_seed", before, [authenticator.data])},
    )
    return authenticator
