"""What every page may know of the request that the person is on the way through: template context.

The pages of signing in serve many ecosystems and know none of them; this looks up, from the
address they are asked for, whose journey it is.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from authserver.accounts.models import Enrolment, User
from authserver.ecosystems.models import Ecosystem
from authserver.interaction import browser
from authserver.interaction.interaction import Interaction
from authserver.interaction.missing import steps
from authserver.protocol.errors import InvalidRequestURI


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """Whose page it is: name, mark and colours, the law and the help, the languages."""

    name: str
    mark: str
    theme_url: str = ""
    privacy_url: str = ""
    terms_url: str = ""
    support: str = ""
    languages: tuple[tuple[str, str], ...] = tuple(settings.LANGUAGES)

    @property
    def support_url(self) -> str:
        return self.support if self.support.startswith("https://") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Who sent the person here, and how far they are. ``step`` 0 means: no step of the way."""

    trading_name: str
    legal_name: str
    registration_number: str
    ecosystem: Ecosystem
    handle: str
    step: int
    steps: int
    cancel_url: str

    @property
    def marks(self) -> Collection[bool]:
        return [number < self.step for number in range(self.steps)]


def on_page(request: HttpRequest) -> dict[str, object]:
    """The context processor; nothing is looked up unless a template asks."""
    journey = cache(lambda: _journey(request))
    return {
        "journey": SimpleLazyObject(journey),
        "brand": SimpleLazyObject(lambda: _brand(request, journey())),
    }


def _journey(request: HttpRequest) -> Progress | None:
    interaction = _interaction(request)
    if interaction is None:
        return None
    client, slug = interaction.client, interaction.ecosystem.slug
    handle = interaction.transaction.handle
    all_steps = steps(interaction)
    here = browser.STEP_OF.get(browser.view_name(request))
    return Progress(
        trading_name=client.participant.trading_name,
        legal_name=client.participant.legal_name,
        registration_number=client.participant.registration_number,
        ecosystem=interaction.ecosystem,
        handle=handle,
        step=all_steps.index(here) + 1 if here in all_steps else 0,
        steps=len(all_steps),
        cancel_url=browser.cancel_url(slug, handle),
    )


def _interaction(request: HttpRequest) -> Interaction | None:
    slug_and_handle = browser.named_by(request)
    if slug_and_handle is None:
        return None
    try:
        return browser.of_request(request, *slug_and_handle)
    except InvalidRequestURI:
        return None


def _brand(request: HttpRequest, journey: Progress | None) -> Brand:
    ecosystem = journey.ecosystem if journey else _ecosystem(request)
    if ecosystem is None:
        return Brand(name=settings.OPERATOR_NAME, mark=settings.OPERATOR_NAME[:1])
    offered = set(ecosystem.languages) or {code for code, _ in settings.LANGUAGES}
    theme = reverse("theme", args=[ecosystem.slug])
    return Brand(
        name=ecosystem.name,
        mark=ecosystem.logo_text or ecosystem.name[:1],
        theme_url=f"{theme}?{ecosystem.accent_colour.removeprefix('#')}",
        privacy_url=ecosystem.privacy_url,
        terms_url=ecosystem.terms_url,
        support=ecosystem.support,
        languages=tuple(each for each in settings.LANGUAGES if each[0] in offered),
    )


def _ecosystem(request: HttpRequest) -> Ecosystem | None:
    """The one that the address names, or the only one that the person is in."""
    slug = request.resolver_match.kwargs.get("slug") if request.resolver_match else None
    if slug:
        return Ecosystem.objects.filter(Ecosystem.ALIVE.q(), slug=slug).first()
    if not isinstance(request.user, User):
        return None
    ecosystems = Ecosystem.objects.filter(
        Ecosystem.ALIVE.q(), Enrolment.ALIVE.under("enrolments").q(), enrolments__user=request.user
    )[:2]
    return ecosystems[0] if len(ecosystems) == 1 else None
