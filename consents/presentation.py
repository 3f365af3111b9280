"""What a person reads of a consent: the same on the page that asks and on the page that shows it.

Templates print what is here; nothing that is approved is left out, and what has no words of its
own is shown as it was sent.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from authserver.ecosystems.models import Ecosystem
from consents import claim_words, lengths, types
from consents.account_source import Account
from consents.grant import Grant
from consents.models import Consent, ConsentState
from consents.states import state_of
from consents.types.description import Description, Fact, Group, Payment, Permission
from consents.types.detail_type import Detail
from consents.validity import Stopped, stopped_by

STATE_WORDS = {
    ConsentState.AWAITING: gettext_noop("Waiting"),
    ConsentState.AUTHORIZED: gettext_noop("Active"),
    ConsentState.REJECTED: gettext_noop("Not given"),
    ConsentState.SUSPENDED: gettext_noop("On hold"),
    ConsentState.CONSUMED: gettext_noop("Used"),
    ConsentState.EXPIRED: gettext_noop("Ended"),
    ConsentState.REVOKED: gettext_noop("Stopped"),
}
STOPPED = {
    Stopped.CLIENT: gettext_noop("It cannot be used: the company is not let in here at present."),
    Stopped.ECOSYSTEM: gettext_noop("It cannot be used: the service is switched off at present."),
    Stopped.PERSON: gettext_noop("It cannot be used: your account here is closed at present."),
}
STATE_STYLES = {
    ConsentState.AUTHORIZED: "state-active",
    ConsentState.REJECTED: "state-stopped",
    ConsentState.REVOKED: "state-stopped",
    ConsentState.CONSUMED: "state-ended",
    ConsentState.EXPIRED: "state-ended",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """All that is agreed to, in the person's language; ``sent`` is the request as it came.

    ``zone`` is where its times are told.
    """

    title: str
    question: str
    approve: str
    refuse: str
    groups: tuple[Group, ...]
    payments: tuple[Payment, ...]
    facts: tuple[Fact, ...]
    purposes: tuple[str, ...]
    stated_purposes: tuple[str, ...]
    accounts: tuple[Account, ...]
    until: datetime | None
    length: str
    zone: tzinfo
    sent: str

    @property
    def plain_facts(self) -> list[Fact]:
        return [fact for fact in self.facts if not fact.technical]

    @property
    def technical_facts(self) -> list[Fact]:
        return [fact for fact in self.facts if fact.technical]

    @property
    def is_payment(self) -> bool:
        return bool(self.payments)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateInWords:
    """``reason`` says why an authorized consent cannot be used now; empty for every other one."""

    word: str
    style: str
    reason: str = ""


def agreement(grant: Grant, *, ecosystem: Ecosystem, since: datetime) -> Agreement:
    """Put a grant into words: one that is asked for, or one that was given."""
    details = grant.authorization_details
    described = [describe(detail) for detail in details]
    one = described[0] if len({each.question for each in described}) == 1 else _several(described)
    groups = [group for each in described for group in each.groups]
    return Agreement(
        title=one.title,
        question=one.question,
        approve=one.approve,
        refuse=one.refuse,
        groups=(
            *groups,
            *_scope_group(grant.scope, ecosystem),
            *claim_words.group_of(grant.claims),
        ),
        payments=tuple(each.payment for each in described if each.payment is not None),
        facts=(*_places(grant), *(fact for each in described for fact in each.facts)),
        purposes=_once(each.purpose for each in described),
        stated_purposes=_once([grant.purpose, *(each.stated_purpose for each in described)]),
        accounts=tuple(Account(**chosen) for chosen in grant.accounts),
        until=grant.until,
        length=lengths.in_words(since=since, until=grant.until) if grant.until else "",
        zone=ecosystem.zone,
        sent=json.dumps(list(details), indent=2, ensure_ascii=False) if details else "",
    )


def agreement_of(consent: Consent) -> Agreement:
    """What was agreed to, or asked, with this consent."""
    since = consent.authorized_at or consent.created_at
    return agreement(consent.grant, ecosystem=consent.ecosystem, since=since)


def describe(detail: Detail) -> Description:
    """The detail in the words of its type; one whose type has gone keeps what it said."""
    detail_type = types.find(detail["type"])
    if detail_type is not None:
        return detail_type.describe(detail)
    return Description(
        title=detail["type"],
        question=_("Allow this?"),
        approve=_("Allow"),
        refuse=_("Do not allow"),
    )


def state_in_words(consent: Consent, *, now: datetime) -> StateInWords:
    """The state that it has at this instant; "Active" is said of what a token could be used for."""
    if (obstacle := stopped_by(consent, now=now)) is not None:
        word = _(STATE_WORDS[ConsentState.SUSPENDED])
        return StateInWords(word=word, style="", reason=_(STOPPED[obstacle]))
    state = state_of(consent, now=now)
    return StateInWords(word=_(STATE_WORDS[state]), style=STATE_STYLES.get(state, ""))


def _several(described: Collection[Description]) -> Description:
    titles = _once(each.title for each in described)
    return Description(
        title=_(", ").join(titles) or _("General access"),
        question=_("Allow all of this?") if titles else _("Allow this access?"),
        approve=_("Allow"),
        refuse=_("Do not allow"),
    )


def _scope_group(scope: Collection[str], ecosystem: Ecosystem) -> tuple[Group, ...]:
    """The scopes, in the sentences that the ecosystem has given them."""
    permissions = tuple(
        Permission(sentence=str(ecosystem.scopes.get(name) or name), technical=name)
        for name in scope
    )
    return (Group(title=_("General"), permissions=permissions),) if permissions else ()


def _places(grant: Grant) -> tuple[Fact, ...]:
    """The resource servers that the client named; where it named none, the rest says enough."""
    return tuple(Fact(label=_("For use at"), value=each, literal=True) for each in grant.resources)


def _once(texts: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
