"""What the server shows: no door that is not ours, and CAs that can be read."""

from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.urls import URLPattern, URLResolver, get_resolver

from authserver.protocol.requirements import requirement
from authserver.protocol.specs.certificate import BadCertificate
from authserver.web.server_certificate import published_cas


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


def _patterns(routes: Iterable[URLPattern | URLResolver]) -> Iterable[URLPattern]:
    for each in routes:
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns)
        else:
            yield each


def _module_of(pattern: URLPattern) -> str:
    view = getattr(pattern.callback, "view_class", pattern.callback)
    return getattr(view, "__module__", "") or ""


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
