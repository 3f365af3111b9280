"""Every opaque handle the server hands out and takes back.

A handle is stored as its SHA-256 and consumed by one conditional statement whose returned row
decides. Nothing outside this package saves or deletes these rows.
"""

from authserver.storage.toolkit import AbstractIDToken
from authserver.tokens.access_tokens import AccessToken
from authserver.tokens.codes import AuthorizationCode
from authserver.tokens.pushed_requests import PushedRequest
from authserver.tokens.refresh_tokens import RefreshToken
from authserver.tokens.transactions import AuthorizationTransaction

__all__ = [
    "AccessToken",
    "AuthorizationCode",
    "AuthorizationTransaction",
    "IDToken",
    "PushedRequest",
    "RefreshToken",
]


class IDToken(AbstractIDToken):
    """The toolkit wants the model; we never write one: an id_token is not stored."""
