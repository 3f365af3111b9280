"""Changes of the revocation lists that are kept, each with its audit event."""

from datetime import datetime
from typing import Any

from django.db import transaction

from authserver.audit.changes import changes_of, made, pair, removed
from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.ecosystems.models import RevocationList, RevokedCertificate, TrustAnchor
from authserver.protocol.requirements import case
from authserver.protocol.specs import mtls
from authserver.protocol.specs.revocation_list import BadRevocationList, SignedList

MOST_NAMED = 50  # serial numbers in one audit event, our choice; the rows hold all of them
AT_ONCE = 2_000  # rows of one statement


@transaction.atomic
def add_crl(anchor: TrustAnchor, *, url: str, by: str) -> RevocationList:
    """Begin to keep the CA's list; it is heeded once it is required."""
    revocation_list = RevocationList.objects.create(anchor=anchor, url=url)
    _record_crl(Event.CRL_ADDED, revocation_list, by=by, url=url, changed=made(revocation_list))
    return revocation_list


@transaction.atomic
def change_crl(revocation_list: RevocationList, *, by: str) -> None:
    """Store another place to fetch it from; what is kept was signed by the CA and stays."""
    changed = {
        name: values for name, values in changes_of(revocation_list).items() if name in ("url",)
    }
    if changed:
        revocation_list.save(update_fields=list(changed))
        _record_crl(Event.CRL_CHANGED, revocation_list, by=by, changed=changed)


@transaction.atomic
def set_crl_policy(revocation_list: RevocationList, policy: str, *, by: str) -> None:
    """Heed the list from now on, or no longer."""
    row = RevocationList.objects.select_for_update().get(pk=revocation_list.pk)
    before, row.policy = row.policy, policy
    revocation_list.policy = policy
    if before != policy:
        row.save(update_fields=["policy"])
        changed = {"policy": pair("policy", before, policy)}
        _record_crl(Event.CRL_CHANGED, revocation_list, by=by, policy=policy, changed=changed)


@transaction.atomic
def remove_crl(revocation_list: RevocationList, *, by: str) -> None:
    """Forget the CA's list: its certificates are not checked any more."""
    _record_crl(
        Event.CRL_REMOVED,
        revocation_list,
        by=by,
        policy=revocation_list.policy,
        changed=removed(revocation_list),
    )
    revocation_list.delete()


@case("MT-09")
@transaction.atomic
def store_crl(
    revocation_list: RevocationList, signed: SignedList, *, by: str, now: datetime
) -> None:
    """Keep what the CA's newest list says, or raise BadRevocationList if it is not the newest.

    Readers see the entries of one list or of the other, never of both.
    """
    row = RevocationList.objects.select_for_update().get(pk=revocation_list.pk)
    list_is_no_older(signed, row)
    is_news = signed.digest != row.digest or row.last_error != ""
    facts = _replace_entries(row, signed) if signed.digest != row.digest else {}
    row.digest = signed.digest
    row.number = str(signed.number) if signed.number >= 0 else ""
    row.this_update, row.next_update = signed.this_update, signed.next_update
    row.distribution_points = list(signed.distribution_points)
    row.revoked_count = len(signed.revoked)
    row.revoked_authorities = _authorities_on(signed, row.anchor)
    row.fetched_at, row.last_error = now, ""
    row.save()
    if is_news:
        until = f"{signed.next_update:%Y-%m-%dT%H:%M:%SZ}"
        _record_crl(Event.CRL_STORED, row, by=by, count=len(signed.revoked), until=until, **facts)


@case("MT-09")
def list_is_no_older(signed: SignedList, stored: RevocationList) -> None:
    """Whoever replays an older list would bring back what was revoked since."""
    if stored.this_update is None:
        return
    number = int(stored.number or -1)
    if signed.this_update < stored.this_update or (0 <= signed.number < number):
        raise BadRevocationList("The list is older than the one that is kept.")


@transaction.atomic
def note_crl_failure(revocation_list: RevocationList, reason: str, *, by: str) -> None:
    """Say why no newer list was kept; the one that is kept stays good until its end."""
    news = RevocationList.objects.filter(pk=revocation_list.pk).exclude(last_error=reason[:200])
    if news.update(last_error=reason[:200]):
        _record_crl(Event.CRL_FAILED, revocation_list, by=by, reason=reason)


def _replace_entries(row: RevocationList, signed: SignedList) -> dict[str, Any]:
    stored = set(row.revoked.values_list("serial_number", flat=True))
    added = sorted(signed.revoked.keys() - stored)
    removed = sorted(stored - signed.revoked.keys())
    for start in range(0, len(removed), AT_ONCE):
        row.revoked.filter(serial_number__in=removed[start : start + AT_ONCE]).delete()
    RevokedCertificate.objects.bulk_create(
        [
            RevokedCertificate(
                revocation_list=row, serial_number=serial, revoked_at=signed.revoked[serial]
            )
            for serial in added
        ],
        batch_size=AT_ONCE,
    )
    return {"added": added[:MOST_NAMED], "removed": removed[:MOST_NAMED]}


def _authorities_on(signed: SignedList, anchor: TrustAnchor) -> list[str]:
    """The trusted CAs that the list names, among those that this CA issued."""
    issuer = mtls.parse_pem(anchor.certificate)
    others = TrustAnchor.objects.filter(ecosystem=anchor.ecosystem).exclude(pk=anchor.pk)
    known = [mtls.parse_pem(pem) for pem in others.values_list("certificate", flat=True)]
    listed = [each for each in known if each.serial_number in signed.revoked]
    return sorted(each.thumbprint for each in listed if mtls.issued_by(each, issuer))


def _record_crl(event: Event, revocation_list: RevocationList, *, by: str, **facts: Any) -> None:
    record(
        event,
        ecosystem=revocation_list.anchor.ecosystem.slug,
        actor=by,
        subject=revocation_list.anchor.thumbprint,
        name=revocation_list.anchor.subject,
        **facts,
    )
