"""Under which names the server may be called, and what it must not be under a public one."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from authserver.protocol.requirements import case, requirement

SILENCED = "authserver.E007"
# RFC 6761, RFC 2606 and custom: nobody on the Internet is reached by them.
NOBODYS = (
    "localhost",
    "test",
    "example",
    "internal",
    "local",
    "example.com",
    "example.net",
    "example.org",
)


@register(Tags.security)
@requirement("RFC8414-2")
def bases_are_https_origins(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    bases = {
        "AUTHSERVER_PUBLIC_BASE": settings.PUBLIC_BASE,
        "AUTHSERVER_MACHINE_BASE": settings.MACHINE_BASE,
    }
    return [
        Error(
            f"{name} is not an https origin",
            hint="Give https://, the host and, where it is not 443, the port; nothing after it.",
            id="authserver.E002",
        )
        for name, base in bases.items()
        if not is_https_origin(base)
    ]


def is_https_origin(base: str) -> bool:
    try:
        read = urlsplit(base)
        port = read.port
    except ValueError:
        return False
    host = f"[{read.hostname}]" if ":" in (read.hostname or "") else read.hostname
    return bool(host) and base.lower() == f"https://{host}" + (f":{port}" if port else "")


@register(Tags.security)
def demo_is_not_public(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The demo prints passwords; it must not be reachable under a public name."""
    if not settings.DEMO:
        return []
    return [
        Error(
            f"demo mode under a public name: {name}",
            hint="Unset AUTHSERVER_DEMO, or use localhost or a name under .test.",
            id="authserver.E003",
        )
        for name in public_names()
    ]


@register(Tags.security)
@case("HT-02")
def every_host_is_named(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A pattern would let a caller choose the name that it is answered under."""
    named = settings.ALLOWED_HOSTS
    if named and not any("*" in host or host.startswith(".") for host in named):
        return []
    return [
        Error(
            "AUTHSERVER_ALLOWED_HOSTS names no host, or more than it names",
            hint="List every host by its whole name: no * and no leading dot.",
            id="authserver.E005",
        )
    ]


@register(Tags.security)
@case("MT-05")
def proxy_is_one_peer(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    trusted = settings.TRUSTED_PROXY
    if trusted in ("", "unix") or _is_address(trusted):
        return []
    return [
        Error(
            "AUTHSERVER_TRUSTED_PROXY is neither unix nor an address",
            hint="Say unix for the socket that nginx alone may open, or give the proxy's address.",
            id="authserver.E006",
        )
    ]


@register(Tags.security)
def nothing_is_silenced(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A settings module may switch checks off, as the tests' does, where nobody is reached."""
    if not settings.SILENCED_SYSTEM_CHECKS:
        return []
    return [
        Error(
            f"system checks are switched off under a public name: {name}",
            hint="Leave SILENCED_SYSTEM_CHECKS out of the settings.",
            id="authserver.E007",
        )
        for name in public_names()
    ]


def public_names() -> Iterator[str]:
    """Every name that the server answers to and that people may reach it by."""
    bases = (settings.PUBLIC_BASE, settings.MACHINE_BASE)
    hosts = [*(urlsplit(base).hostname or "" for base in bases), *settings.ALLOWED_HOSTS]
    yield from (host for host in dict.fromkeys(hosts) if is_public(host))


def is_public(host: str) -> bool:
    if _is_address(host):
        return not ip_address(host).is_loopback
    return "." in host and not f".{host}".lower().endswith(tuple(f".{name}" for name in NOBODYS))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
