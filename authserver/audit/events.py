"""The events of the audit trail. A name, once written, is never given another meaning."""

from django.db import models


class Event(models.TextChoices):
    REQUEST_PUSHED = "request.pushed"
    REQUEST_OPENED = "request.opened"
    CONSENT_STAGED = "consent.staged"
    CONSENT_AUTHORIZED = "consent.authorized"
    CONSENT_REJECTED = "consent.rejected"
    CONSENT_REVOKED = "consent.revoked"
    CONSENT_SUSPENDED = "consent.suspended"
    CONSENT_RESUMED = "consent.resumed"
    CONSENT_CONSUMED = "consent.consumed"
    CONSENT_EXPIRED = "consent.expired"
    CONSENT_DISCARDED = "consent.discarded"
    CODE_ISSUED = "code.issued"
    CODE_REPLAYED = "code.replayed"
    CODE_SHOWN_BY_ANOTHER = "code.shown_by_another_client"
    TOKEN_ISSUED = "token.issued"
    TOKEN_REFRESHED = "token.refreshed"
    TOKEN_REVOKED = "token.revoked"
    LOGIN_SUCCEEDED = "login.succeeded"
    LOGIN_FAILED = "login.failed"
    LOGGED_OUT = "login.ended"
    SECOND_FACTOR_ADDED = "login.factor_added"
    SECOND_FACTOR_REMOVED = "login.factor_removed"
    SECOND_FACTOR_BLOCKED = "login.factor_blocked"
    SECOND_FACTOR_UNBLOCKED = "login.factor_unblocked"
    PASSWORD_CHANGED = "login.password_changed"
    PERSON_REGISTERED = "person.registered"
    PERSON_CHANGED = "person.changed"
    PERSON_ENROLLED = "person.enrolled"
    PERSON_UNENROLLED = "person.unenrolled"
    ECOSYSTEM_CREATED = "ecosystem.created"
    ECOSYSTEM_CHANGED = "ecosystem.changed"
    TRUST_ANCHOR_ADDED = "ecosystem.trust_anchor_added"
    TRUST_ANCHOR_REMOVED = "ecosystem.trust_anchor_removed"
    CRL_ADDED = "crl.added"
    CRL_CHANGED = "crl.changed"
    CRL_STORED = "crl.stored"
    CRL_FAILED = "crl.failed"
    CRL_REMOVED = "crl.removed"
    PARTICIPANT_REGISTERED = "participant.registered"
    PARTICIPANT_CHANGED = "participant.changed"
    PARTICIPANT_SUSPENDED = "participant.suspended"
    PARTICIPANT_ACTIVATED = "participant.activated"
    PARTICIPANT_REMOVED = "participant.removed"
    CLIENT_REGISTERED = "client.registered"
    CLIENT_CHANGED = "client.changed"
    CLIENT_SUSPENDED = "client.suspended"
    CLIENT_ACTIVATED = "client.activated"
    CLIENT_REMOVED = "client.removed"
    CERTIFICATE_REGISTERED = "certificate.registered"
    CERTIFICATE_REVOKED = "certificate.revoked"
    JWKS_FETCHED = "jwks.fetched"
    JWKS_FAILED = "jwks.failed"
    RESOURCE_SERVER_REGISTERED = "resource_server.registered"
    RESOURCE_SERVER_CHANGED = "resource_server.changed"
    RESOURCE_SERVER_REMOVED = "resource_server.removed"
    KEY_CREATED = "key.created"
    KEY_ACTIVATED = "key.activated"
    KEY_RETIRED = "key.retired"
    LIST_EXPORTED = "admin.list_exported"


# What may be forgotten after a while, by the name of its retention. Every other event is kept:
# what people decided, what operators changed, what a client did with what is not its own.
FORGOTTEN = {
    "login": (Event.LOGIN_SUCCEEDED, Event.LOGIN_FAILED, Event.LOGGED_OUT),
    "traffic": (
        Event.REQUEST_PUSHED,
        Event.REQUEST_OPENED,
        Event.TOKEN_ISSUED,
        Event.TOKEN_REFRESHED,
        Event.JWKS_FETCHED,
        Event.JWKS_FAILED,
        Event.CRL_STORED,
        Event.CRL_FAILED,
    ),
}

# What changes a row: these name every changed field with its value before and after.
CHANGES = frozenset(
    {
        Event.CONSENT_AUTHORIZED,
        Event.CONSENT_REJECTED,
        Event.CONSENT_REVOKED,
        Event.CONSENT_SUSPENDED,
        Event.CONSENT_RESUMED,
        Event.CONSENT_CONSUMED,
        Event.CONSENT_EXPIRED,
        Event.SECOND_FACTOR_ADDED,
        Event.SECOND_FACTOR_REMOVED,
        Event.PERSON_REGISTERED,
        Event.PERSON_CHANGED,
        Event.PERSON_ENROLLED,
        Event.PERSON_UNENROLLED,
        Event.ECOSYSTEM_CREATED,
        Event.ECOSYSTEM_CHANGED,
        Event.TRUST_ANCHOR_ADDED,
        Event.TRUST_ANCHOR_REMOVED,
        Event.CRL_ADDED,
        Event.CRL_CHANGED,
        Event.CRL_REMOVED,
        Event.PARTICIPANT_REGISTERED,
        Event.PARTICIPANT_CHANGED,
        Event.PARTICIPANT_SUSPENDED,
        Event.PARTICIPANT_ACTIVATED,
        Event.PARTICIPANT_REMOVED,
        Event.CLIENT_REGISTERED,
        Event.CLIENT_CHANGED,
        Event.CLIENT_SUSPENDED,
        Event.CLIENT_ACTIVATED,
        Event.CLIENT_REMOVED,
        Event.CERTIFICATE_REGISTERED,
        Event.CERTIFICATE_REVOKED,
        Event.RESOURCE_SERVER_REGISTERED,
        Event.RESOURCE_SERVER_CHANGED,
        Event.RESOURCE_SERVER_REMOVED,
        Event.KEY_CREATED,
        Event.KEY_ACTIVATED,
        Event.KEY_RETIRED,
    }
)
