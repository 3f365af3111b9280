"""A profile is data: the numbers, the choices and the checks that a specification adds.

``clauses`` says for every field where its value comes from, so that a profile can be printed as a
table and a refusal can name what it enforces. A value that no specification gives says so.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from typing import Annotated, Protocol

from authserver.protocol.specs.authorization_request import AuthorizationRequest

OUR_CHOICE = "our choice"


class RegisteredClient(Protocol):
    """All that a check may know about a client."""

    client_id: str
    token_endpoint_auth_method: str
    dpop_bound_access_tokens: bool
    tls_client_certificate_bound_access_tokens: bool
    require_signed_request_object: bool
    authorization_response_mode: str
    grant_types: Collection[str]
    scopes: Collection[str]
    claims: Collection[str]
    authorization_details_types: Collection[str]
    client_jwks_uri: str
    client_jwks: object

    @property
    def registered_redirect_uris(self) -> Collection[str]: ...


Check = Callable[[AuthorizationRequest, RegisteredClient, "Profile"], None]


@dataclass(frozen=True)
class Rule:
    """What a field of a profile rules, and the file that enforces it."""

    sentence: str
    _: KW_ONLY
    enforced: str


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Lifetimes are timedeltas; a sequence lists what is allowed, most preferred first."""

    name: str
    title: str
    base: str
    url: str
    clauses: Mapping[str, str]
    authorization_checks: tuple[Check, ...]

    signing_algorithms: Annotated[
        tuple[str, ...],
        Rule(
            "Algorithms of everything that is signed, by clients and by us",
            enforced="clients/models.py",
        ),
    ]
    client_authentication_methods: Annotated[
        tuple[str, ...], Rule("How a client may authenticate", enforced="clients/authentication.py")
    ]
    sender_constraints: Annotated[
        tuple[str, ...],
        Rule(
            "What an access token may be bound to",
            enforced="authserver/grants/sender_constraint.py",
        ),
    ]
    sender_constraint_required: Annotated[
        bool,
        Rule(
            "Every access token is bound to its client's key",
            enforced="authserver/grants/sender_constraint.py",
        ),
    ]
    mtls_everywhere: Annotated[
        bool,
        Rule(
            "Every endpoint for machines demands a client certificate",
            enforced="clients/mutual_tls.py",
        ),
    ]
    registered_certificate_required: Annotated[
        bool,
        Rule(
            "The certificate presented beside private_key_jwt must be registered and trusted",
            enforced="clients/mutual_tls.py",
        ),
    ]
    key_sources: Annotated[
        tuple[str, ...],
        Rule(
            "How a client may publish its keys",
            enforced="authserver/protocol/profiles/registration.py",
        ),
    ]
    jwks_max_age: Annotated[
        timedelta,
        Rule(
            "How long a client's keys may be used without asking again", enforced="clients/jwks.py"
        ),
    ]
    jwks_min_age: Annotated[
        timedelta,
        Rule(
            "How long between two fetches of a client's keys, whatever keys its callers name",
            enforced="clients/jwks.py",
        ),
    ]
    grant_types: Annotated[
        tuple[str, ...], Rule("Grants on offer", enforced="authserver/endpoints/token.py")
    ]
    response_modes: Annotated[
        tuple[str, ...],
        Rule(
            "How the authorization response may travel",
            enforced="authserver/protocol/profiles/checks.py",
        ),
    ]
    request_object_required: Annotated[
        bool, Rule("The pushed request must be signed", enforced="authserver/endpoints/par.py")
    ]
    request_object_lifetime: Annotated[
        timedelta,
        Rule(
            "exp of a request object at most so far behind its nbf",
            enforced="authserver/endpoints/par.py",
        ),
    ]
    request_object_age: Annotated[
        timedelta,
        Rule(
            "nbf of a request object at most so long ago",
            enforced="authserver/endpoints/par.py",
        ),
    ]
    authorization_details_required: Annotated[
        bool,
        Rule(
            "Every authorization request carries authorization_details",
            enforced="authserver/protocol/profiles/checks.py",
        ),
    ]
    parameters_outside: Annotated[
        str,
        Rule(
            "Parameters beside client_id and request_uri at the authorization endpoint",
            enforced="authserver/endpoints/authorize.py",
        ),
    ]
    scope_required: Annotated[
        bool,
        Rule(
            "A token request of a client for itself names its scope",
            enforced="authserver/grants/client_credentials.py",
        ),
    ]
    interaction_id_required: Annotated[
        bool,
        Rule(
            "Every call of a client carries an x-fapi-interaction-id",
            enforced="authserver/endpoints/back_channel.py",
        ),
    ]
    subject_types: Annotated[
        tuple[str, ...],
        Rule(
            "How people are named to clients: public, or pairwise by participant",
            enforced="authserver/ecosystems/models.py",
        ),
    ]
    clock_skew: Annotated[
        timedelta,
        Rule(
            "How far a sender's clock may be ahead of ours",
            enforced="clients/authentication.py",
        ),
    ]
    max_assertion_lifetime: Annotated[
        timedelta,
        Rule(
            "exp of a client assertion at most so far ahead, its iat at most so old",
            enforced="clients/authentication.py",
        ),
    ]
    request_uri_lifetime: Annotated[
        timedelta,
        Rule("How long a request_uri can be opened", enforced="authserver/ecosystems/models.py"),
    ]
    max_request_uri_lifetime: Annotated[
        timedelta,
        Rule(
            "The longest life of a request_uri that an ecosystem may set",
            enforced="authserver/ecosystems/models.py",
        ),
    ]
    transaction_lifetime: Annotated[
        timedelta,
        Rule(
            "The time a person has between opening a request and approving it",
            enforced="authserver/ecosystems/models.py",
        ),
    ]
    authorization_code_lifetime: Annotated[
        timedelta,
        Rule("How long a code can be redeemed", enforced="authserver/ecosystems/models.py"),
    ]
    access_token_lifetime: Annotated[
        timedelta, Rule("How long an access token lives", enforced="authserver/tokens/mint.py")
    ]
    max_access_token_lifetime: Annotated[
        timedelta,
        Rule(
            "The longest life of an access token that an ecosystem may set",
            enforced="authserver/ecosystems/models.py",
        ),
    ]
    access_token_formats: Annotated[
        tuple[str, ...],
        Rule(
            "Forms of access tokens on offer",
            enforced="authserver/protocol/profiles/registration.py",
        ),
    ]
    scope_consent_lifetime: Annotated[
        timedelta, Rule("How long a consent to scopes alone lasts", enforced="consents/details.py")
    ]
    time_zone: Annotated[
        str,
        Rule(
            "Where dates are counted and times are shown, unless an ecosystem names another place",
            enforced="authserver/ecosystems/models.py",
        ),
    ]

    def check(self, request: AuthorizationRequest, client: RegisteredClient) -> None:
        """Return if every check holds; the first that does not raises its OAuth error."""
        for check in self.authorization_checks:
            check(request, client, self)
