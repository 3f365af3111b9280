"""The authorization response in the query of a redirect URI (RFC 6749, 3.1.2 and 4.1.2)."""

import re
from collections.abc import Mapping
from urllib.parse import unquote_plus, urlencode

from authserver.protocol.requirements import requirement

# Whatever a response may carry, in any mode: a client could not tell which of the two is ours.
PARAMETERS = frozenset(
    {
        "code",
        "state",
        "iss",
        "error",
        "error_description",
        "error_uri",
        "response",
        "access_token",
        "token_type",
        "expires_in",
        "scope",
        "id_token",
        "session_state",
    }
)


@requirement("RFC6749-4.1.2", "RFC6749-3.1.2")
def url(redirect_uri: str, parameters: Mapping[str, str]) -> str:
    """The redirect URI as it was registered, its query kept, with these parameters behind it."""
    return f"{redirect_uri}{_separator(redirect_uri)}{urlencode(parameters)}"


def _separator(redirect_uri: str) -> str:
    _, mark, query = redirect_uri.partition("?")
    if not mark:
        return "?"
    return "&" if query and not query.endswith("&") else ""


@requirement("RFC6749-3.1.2", "RFC9700-2.1")
def names_of_a_response_in(redirect_uri: str) -> list[str]:
    """The parameters in the URI's own query that a response may carry, too.

    Names are decoded, and ``;`` separates as well: so some clients read a query.
    """
    query = redirect_uri.partition("?")[2]
    names = {unquote_plus(pair.partition("=")[0]).strip() for pair in re.split("[?&;]", query)}
    return sorted(PARAMETERS & names)
