"""How a protected resource says no (RFC 6750, 3; RFC 9449, 7.1; RFC 9728, 5.1)."""

from collections.abc import Collection
from http import HTTPStatus

from authserver.protocol.errors import OAuthError
from authserver.protocol.requirements import requirement

STATUSES = {
    "insufficient_scope": HTTPStatus.FORBIDDEN,
    "invalid_request": HTTPStatus.BAD_REQUEST,
    "temporarily_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}


@requirement("RFC6750-3.1")
def status_of(error: OAuthError) -> HTTPStatus:
    """What RFC 6750, 3.1 gives the error; 401 where another token, or a proof, may help."""
    return STATUSES.get(error.code, HTTPStatus.UNAUTHORIZED)


def scheme_for(error: OAuthError | None) -> str:
    """The scheme to ask for: the one whose proof was wrong or missing."""
    about_dpop = error is not None and ("dpop" in error.code or error.clause.startswith("DPOP"))
    return "DPoP" if about_dpop else "Bearer"


@requirement("RFC6750-3", "DPOP-7.1", "RFC9728-5.1")
def challenge(
    error: OAuthError | None,
    *,
    algorithms: Collection[str] = (),
    scope: str = "",
    metadata_url: str = "",
) -> str:
    """Return the value of WWW-Authenticate.

    ``error`` None is for a request that showed no token at all: then nothing but the scheme is
    said (RFC6750-3.1).
    """
    scheme = scheme_for(error)
    members = {}
    if error is not None:
        members = {"error": error.code, "error_description": error.public_description}
    if scope:
        members["scope"] = scope
    if scheme == "DPoP" and algorithms:
        members["algs"] = " ".join(algorithms)
    if metadata_url:
        members["resource_metadata"] = metadata_url
    written = ", ".join(f'{name}="{value}"' for name, value in members.items())
    return f"{scheme} {written}" if written else scheme
