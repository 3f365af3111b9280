"""What an error means to the developer of a client, and what to do about it; by error code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    meaning: str
    fix: str


IN_THE_AUTHORIZATION_RESPONSE = frozenset(
    {
        "access_denied",
        "consent_required",
        "interaction_required",
        "login_required",
        "unmet_authentication_requirements",
    }
)
BY_CODE = {
    "invalid_request": Advice(
        "A parameter is missing, repeated, malformed, or not allowed at this endpoint.",
        "Read the sentence: it names the parameter. Send each parameter once, in a form-encoded"
        " UTF-8 body, never in the URL.",
    ),
    "invalid_client": Advice(
        "The server could not tell who is calling. The sentence is the same for every cause, since"
        " a more precise one would help whoever forges assertions.",
        "Check in this order: iss and sub are your client_id; aud is the issuer as one string, not"
        " a list and not an endpoint's URL; exp is at most five minutes ahead; iat and nbf are not"
        " ahead of the server's clock; jti is new; the key's kid is in your published key set; the"
        " algorithm is one of the profile; the client certificate is presented, registered and not"
        " expired; exactly one credential is sent. The operator finds the reason in the server's"
        " log, by the x-fapi-interaction-id of the answer.",
    ),
    "invalid_grant": Advice(
        "The code or refresh token cannot be redeemed: it is unknown, expired, used, revoked,"
        " another client's, or does not fit the rest of the request.",
        "Redeem a code once, within a minute, with the redirect_uri and the code_verifier of its"
        " request and, if it was bound, with the same DPoP key. If a consent ended, ask the person"
        " again.",
    ),
    "unauthorized_client": Advice(
        "You are known, but not registered for what you ask for.",
        "Ask the operator to register the grant for your client.",
    ),
    "unsupported_grant_type": Advice(
        "The ecosystem does not offer this grant.",
        "Use one of grant_types_supported in the server's metadata.",
    ),
    "unsupported_response_type": Advice(
        "Only the code flow is offered.", "Send response_type=code and nothing else."
    ),
    "invalid_scope": Advice(
        "The scope is missing where one is required, malformed, unknown, or not yours.",
        "Ask only for scopes that your client is registered for; separate them by one space.",
    ),
    "invalid_target": Advice(
        "The resource is not registered in this ecosystem.",
        "Send the identifier of a resource server exactly as it is registered, or leave resource"
        " out.",
    ),
    "invalid_authorization_details": Advice(
        "An object of authorization_details has an unknown type, a type that is not yours, or"
        " members that its type does not allow.",
        "Validate it against the schema of its type; send only types that your client is"
        " registered for.",
    ),
    "invalid_request_object": Advice(
        "The signed request object cannot be accepted: its signature, its times, its audience or"
        " what it refers to.",
        "Sign with a key of your published set and an algorithm of the profile; send iss, aud, nbf"
        " and exp; keep exp close to nbf as the profile's table says; leave out sub, request and"
        " request_uri.",
    ),
    "invalid_request_uri": Advice(
        "The request_uri is unknown, expired, another client's, or was completed.",
        "Push the request again and send the person to the new request_uri at once.",
    ),
    "invalid_dpop_proof": Advice(
        "The DPoP proof is missing, malformed, for another request, too old, or was used before.",
        "Make a new proof for every request: htm and htu of this endpoint, iat now, a new jti, and"
        " at a resource ath of the access token.",
    ),
    "use_dpop_nonce": Advice(
        "The proof needs a nonce of the server. Nothing was used up.",
        "Repeat the request with the value of the DPoP-Nonce header as nonce of a new proof; the"
        " same client assertion may be sent again.",
    ),
    "access_denied": Advice(
        "The person did not approve, or may not.",
        "Do not ask again by yourself; offer the person to start over.",
    ),
    "login_required": Advice(
        "With prompt=none nobody may be asked, but somebody would have to sign in.",
        "Repeat the request without prompt=none.",
    ),
    "consent_required": Advice(
        "With prompt=none nobody may be asked, but the person has not approved this yet.",
        "Repeat the request without prompt=none.",
    ),
    "interaction_required": Advice(
        "With prompt=none nobody may be asked, but a page would be needed.",
        "Repeat the request without prompt=none.",
    ),
    "unmet_authentication_requirements": Advice(
        "The acr that the request calls essential cannot be reached here.",
        "Ask for one of acr_values_supported in the server's metadata.",
    ),
    "invalid_token": Advice(
        "At a protected resource: the access token is missing, unknown, expired, revoked, or was"
        " shown without the key that it is bound to.",
        "Present the token with the certificate or the DPoP key that it was issued to; get a new"
        " one when it has expired.",
    ),
    "insufficient_scope": Advice(
        "At a protected resource: the token is good, but does not reach this.",
        "Ask for a token with the scope or the authorization_details of this resource.",
    ),
    "temporarily_unavailable": Advice(
        "Something that the server needs is away, or (429) the client has too many pushed requests"
        " that are alive and not completed. Nothing was decided.",
        "Try again after the seconds in Retry-After; push a request when a person is there to open"
        " it.",
    ),
}
