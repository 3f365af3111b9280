"""OAuth errors: one class per error code. Raise them anywhere; only the doors render them.

``description`` is public, one fixed ASCII sentence, and becomes ``error_description`` together
with the clause that was broken. ``expected`` and ``seen`` go to the refusal record: names, codes
and numbers, never tokens, keys, assertions or the input itself.
"""

from http import HTTPStatus

from authserver.protocol.clauses import is_public


class OAuthError(Exception):
    """An error that a client may see."""

    code = "server_error"
    status = HTTPStatus.BAD_REQUEST
    client_id = ""  # who proved a key before something else about the call was refused
    ending = ""  # which sentence of its own a person's page has for it, if any

    def __init__(
        self, description: str, *, clause: str = "", expected: str = "", seen: str = ""
    ) -> None:
        super().__init__(description)
        self.description = description
        self.clause = clause
        self.expected = expected
        self.seen = seen

    @property
    def public_clause(self) -> str:
        """The clause that was broken; empty where nobody outside could look it up."""
        return self.clause if is_public(self.clause) else ""

    @property
    def public_description(self) -> str:
        """The sentence, followed by the clause that was broken."""
        clause = self.public_clause
        return f"{self.description} [{clause}]" if clause else self.description


class InvalidRequest(OAuthError):
    code = "invalid_request"


class InvalidClient(OAuthError):
    """Says the same sentence to everybody who is not identified, and never a clause.

    The reason stays in ``expected`` and ``seen``: telling it would tell an attacker which part
    of a forged assertion was already right.
    """

    code = "invalid_client"
    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, *, clause: str = "", expected: str = "", seen: str = "") -> None:
        super().__init__(
            "client authentication failed", clause=clause, expected=expected, seen=seen
        )

    @property
    def public_description(self) -> str:
        return self.description


class InvalidGrant(OAuthError):
    code = "invalid_grant"


class UnknownGrant(InvalidGrant):
    """A code or a token that nobody gave to this client: perhaps it is guessing."""


class UnauthorizedClient(OAuthError):
    code = "unauthorized_client"


class UnsupportedGrantType(OAuthError):
    code = "unsupported_grant_type"


class UnsupportedResponseType(OAuthError):
    code = "unsupported_response_type"


class InvalidScope(OAuthError):
    code = "invalid_scope"


class InvalidTarget(OAuthError):
    """RFC 8707: the resource is unknown, or not one that the client may reach."""

    code = "invalid_target"


class InvalidAuthorizationDetails(OAuthError):
    code = "invalid_authorization_details"


class InvalidRequestObject(OAuthError):
    code = "invalid_request_object"


class InvalidRequestURI(OAuthError):
    code = "invalid_request_uri"


class InvalidDPoPProof(OAuthError):
    code = "invalid_dpop_proof"


class UseDPoPNonce(OAuthError):
    """RFC 9449, 8: say it again with this nonce. Nothing was used up."""

    code = "use_dpop_nonce"

    def __init__(self, nonce: str) -> None:
        super().__init__("a DPoP nonce is required", clause="DPOP-8")
        self.nonce = nonce


class AccessDenied(OAuthError):
    code = "access_denied"


class TimeIsOver(AccessDenied):
    """The person did not decide in time."""

    ending = "time"


class BegunBySomebodyElse(AccessDenied):
    """Whoever is signed in is not the person that the request was shown to."""

    ending = "begun by somebody else"


class NotEnrolled(AccessDenied):
    """A person, and none of this ecosystem's."""

    ending = "not enrolled"


class LoginRequired(OAuthError):
    code = "login_required"


class MeantForSomebodyElse(LoginRequired):
    """The client named the person, and another one is signed in."""

    ending = "meant for somebody else"


class ConsentRequired(OAuthError):
    code = "consent_required"


class InteractionRequired(OAuthError):
    code = "interaction_required"


class UnmetAuthenticationRequirements(OAuthError):
    code = "unmet_authentication_requirements"


class InvalidToken(OAuthError):
    """RFC 6750, 3.1: at a protected resource."""

    code = "invalid_token"
    status = HTTPStatus.UNAUTHORIZED


class InsufficientScope(OAuthError):
    code = "insufficient_scope"
    status = HTTPStatus.FORBIDDEN


class ContentTooLarge(InvalidRequest):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedMediaType(InvalidRequest):
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class TemporarilyUnavailable(OAuthError):
    """The database or a needed service is away: try again later, nothing was decided."""

    code = "temporarily_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = 5  # seconds


class TooManyRequests(TemporarilyUnavailable):
    """RFC 9126, 2.3: the client has used up its share; ``retry_after`` is in seconds."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(
        self, description: str, *, retry_after: int, expected: str = "", seen: str = ""
    ) -> None:
        super().__init__(description, expected=expected, seen=seen)
        self.retry_after = retry_after
