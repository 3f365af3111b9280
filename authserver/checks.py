"""System checks: an unsafe start is refused, each with an id and a hint."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError
from django.urls import URLPattern, URLResolver, get_resolver

from authserver.ecosystems.models import Ecosystem
from authserver.requirements import requirement
from authserver.server_certificate import published_cas
from authserver.specs.certificate import BadCertificate


@register(Tags.security)
def no_stock_toolkit_view_is_routed(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A left-over URL of the toolkit would be a second door beside ours."""
    return [
        Error(
            f"a stock view of the toolkit is routed at {pattern.pattern}",
            hint="Route our own endpoints only.",
            id="authserver.E001",
        )
        for pattern in _patterns(get_resolver().url_patterns)
        if _module_of(pattern).startswith("oauth2_provider.")
    ]


def _patterns(found: Iterable[URLPattern | URLResolver]) -> Iterable[URLPattern]:
    for each in found:
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns)
        else:
            yield each


def _module_of(pattern: URLPattern) -> str:
    view = getattr(pattern.callback, "view_class", pattern.callback)
    return getattr(view, "__module__", "") or ""


@register(Tags.security)
def public_base_is_https(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    bases = {
        "AUTHSERVER_PUBLIC_BASE": settings.PUBLIC_BASE,
        "AUTHSERVER_MACHINE_BASE": settings.MACHINE_BASE,
    }
    return [
        Error(f"{name} must be an https URL", hint="RFC8414-2", id="authserver.E002")
        for name, base in bases.items()
        if not base.startswith("https://") or base.endswith("/")
    ]


@register(Tags.security)
def demo_is_not_public(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The demo prints passwords; it must not be reachable under a public name."""
    host = urlsplit(settings.PUBLIC_BASE).hostname or ""
    if (
        not settings.DEMO
        or host in ("localhost", "127.0.0.1")
        or "." not in host
        or host.endswith((".localhost", ".test", ".internal", ".local"))
    ):
        return []
    return [
        Error(
            "demo mode with a public issuer",
            hint="Unset AUTHSERVER_DEMO, or use localhost or a name under .test.",
            id="authserver.E003",
        )
    ]


@register(Tags.security)
def secrets_are_strong(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if len(settings.SECRET_KEY) >= 50:
        return []
    return [
        Error(
            "AUTHSERVER_SECRET_KEY is shorter than 50 characters",
            hint="Make one of 64 random bytes.",
            id="authserver.E004",
        )
    ]


@register(Tags.security, deploy=True)
@requirement("FFI-16")
def published_cas_can_be_read(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What is served at the addresses is another question: manage.py check_server_certificate."""
    try:
        published_cas()
    except BadCertificate as error:
        return [
            Warning(
                f"AUTHSERVER_SERVER_CA_FILE is not published: {error.sentence}",
                hint="Give the CAs of the server's certificate in PEM, without the certificate.",
                id="authserver.W002",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def two_factors_are_asked_for(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One factor is for the conformance suite, whose browser has no second one."""
    weak = Ecosystem.objects.filter(is_active=True, login_policy=Ecosystem.LoginPolicy.ONE_FACTOR)
    try:
        slugs = [*weak.values_list("slug", flat=True)]
    except DatabaseError:  # before the first migration there is nobody to sign in
        return []
    return [
        Warning(
            f"a password alone is enough to sign in at {slug}",
            hint="Switch the ecosystem off when the conformance tests are done.",
            id="authserver.W001",
        )
        for slug in slugs
    ]
