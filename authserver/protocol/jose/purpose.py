"""What a token is for. Each purpose has its own types, size and source of keys.

A token with a type of its own never passes as one of another purpose, even when the same key
signed both. Those that other specifications leave untyped (ID tokens, authorization responses,
software statements) are told apart by who signs them and by the claims that each must have.
"""

from dataclasses import dataclass
from enum import StrEnum

from authserver.protocol.jose.faults import WrongType


class Purpose(StrEnum):
    CLIENT_ASSERTION = "client assertion"
    REQUEST_OBJECT = "request object"
    DPOP_PROOF = "DPoP proof"
    ACCESS_TOKEN = "access token"
    ID_TOKEN = "ID token"
    AUTHORIZATION_RESPONSE = "authorization response"
    INTROSPECTION = "introspection response"
    SOFTWARE_STATEMENT = "software statement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """``accepts`` lists the types that verify, None for an absent one; ``writes`` is the type we
    sign; ``longest`` counts the characters of the compact form.
    """

    accepts: frozenset[str | None]
    writes: str
    longest: int
    key_in_header: bool = False

    def require_type(self, sent: str | None) -> None:
        """Raise WrongType unless the type is one that this purpose accepts."""
        if _media_type(sent) not in map(_media_type, self.accepts):
            raise WrongType("typ of another purpose")


def _media_type(typ: str | None) -> str | None:
    """The type written out: it may lack its ``application/``, and letter case never counts."""
    if typ is None:
        return None
    return (typ if "/" in typ else f"application/{typ}").lower()


RULES = {
    Purpose.CLIENT_ASSERTION: Rules(
        accepts=frozenset({None, "JWT", "client-authentication+jwt"}),
        writes="client-authentication+jwt",
        longest=24_576,  # a header with a chain of certificates, and 8 KB beside it
    ),
    Purpose.REQUEST_OBJECT: Rules(
        accepts=frozenset(
            {None, "JWT", "oauth-authz-req+jwt"}
        ),  # JWT: what libraries write unasked
        writes="oauth-authz-req+jwt",
        longest=98_304,  # authorization_details of the largest size travel inside
    ),
    Purpose.DPOP_PROOF: Rules(
        accepts=frozenset({"dpop+jwt"}),
        writes="dpop+jwt",
        longest=8_192,  # it travels in a header of HTTP
        key_in_header=True,
    ),
    Purpose.ACCESS_TOKEN: Rules(accepts=frozenset({"at+jwt"}), writes="at+jwt", longest=16_384),
    Purpose.ID_TOKEN: Rules(accepts=frozenset({None, "JWT"}), writes="JWT", longest=16_384),
    Purpose.AUTHORIZATION_RESPONSE: Rules(
        accepts=frozenset({None, "JWT"}), writes="JWT", longest=16_384
    ),
    Purpose.INTROSPECTION: Rules(
        accepts=frozenset({"token-introspection+jwt"}),
        writes="token-introspection+jwt",
        longest=65_536,
    ),
    Purpose.SOFTWARE_STATEMENT: Rules(
        accepts=frozenset({None, "JWT"}), writes="JWT", longest=65_536
    ),
}
