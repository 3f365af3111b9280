"""The bank's APIs for messages between organisations: whoever calls does so in their own name.

Each API has a scope. Whether the bank looks at it is the bank's own choice, API by API; a token
of the right issuer, in the hands of whom it was issued to, is needed everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authserver.resource.issuer import Access
from deploy.demo.sandbox_kit import Kit


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAPI:
    """``audience`` is what tokens for it are issued for; ``scope_enforced`` is the switch."""

    name: str
    audience: str
    scope: str
    scope_enforced: bool


def offered(kit: Kit) -> Mapping[str, MessageAPI]:
    """Return the APIs of the kit by their paths."""
    apis = {}
    for api in kit.message_apis:
        audience, _, name = api["url"].rpartition("/")
        apis[urlsplit(api["url"]).path] = MessageAPI(
            name=name,
            audience=audience,
            scope=api["scope"],
            scope_enforced=api["scope_enforced"],
        )
    return apis


def answer(api: MessageAPI, access: Access) -> dict[str, Any]:
    """Return what the API has for the caller; raise InsufficientScope where it looks at scopes."""
    if api.scope_enforced:
        access.require_scope(api.scope)
    return {"api": api.name, "caller": access.client_id, "messages": []}
