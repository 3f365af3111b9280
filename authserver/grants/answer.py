"""The token response (RFC 6749, 5.1): what every grant answers with."""

from typing import Any

from authserver.grants.sender_constraint import Binding
from authserver.protocol.requirements import requirement


@requirement("RFC6749-5.1", "RAR-7")
def token_response(
    *,
    access_token: str,
    expires_in: int,
    binding: Binding,
    scope: str,
    authorization_details: list[Any],
    refresh_token: str | None = None,
    id_token: str | None = None,
) -> dict[str, Any]:
    """Scope and authorization_details are those granted, which may be less than was asked."""
    answer = {
        "access_token": access_token,
        "token_type": binding.token_type,
        "expires_in": expires_in,
        "scope": scope or None,
        "authorization_details": authorization_details or None,
        "refresh_token": refresh_token,
        "id_token": id_token,
    }
    return {name: value for name, value in answer.items() if value is not None}
