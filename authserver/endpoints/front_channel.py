"""The door for people: the one place that renders an error as a page, or sends somebody back.

Nothing here redirects to an address that was not checked when the request was pushed.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from authserver.audit.trail import current_interaction_id, record_refusal
from authserver.interaction.interaction import require_a_way_back
from authserver.keys.signing import sign
from authserver.protocol import jose
from authserver.protocol.errors import OAuthError, TemporarilyUnavailable
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs import authorization_response, jarm
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.web.redirect import SeeOther
from clients.models import Client

View = Callable[..., HttpResponse]


def front_channel(view: View) -> View:
    """Render what a view for people raises as an error page; a page never redirects."""

    @wraps(view)
    def guarded(request: HttpRequest, slug: str, **kwargs: object) -> HttpResponse:
        try:
            response = view(request, slug, **kwargs)
        except OAuthError as error:
            record_refusal(error, ecosystem=slug, client_id="", endpoint="/authorize")
            response = error_page(request, error)
        response["Cache-Control"] = "no-store"
        return response

    return guarded


@case("ER-05")
def error_page(request: HttpRequest, error: OAuthError) -> HttpResponse:
    """Say what happened and that nothing was shared; the clause is for the client's developer.

    What is our own fault is no bad request: the page can be loaded again in a while.
    """
    context = {
        "code": error.code,
        "clause": error.public_clause,
        "description": error.description,
        "interaction_id": current_interaction_id(),
    }
    if not isinstance(error, TemporarilyUnavailable):
        return render(request, "error.html", context, status=HTTPStatus.BAD_REQUEST)
    response = render(request, "error.html", context, status=error.status)
    response["Retry-After"] = str(error.retry_after)
    return response


@requirement("OAuth2-iss-2", "FAPI2-SP-FINAL-5.3.2.2-7", "JARM-4", "RFC6749-4.1.2")
def answer_url(
    client: Client,
    authorization_request: AuthorizationRequest,
    parameters: Mapping[str, str],
    *,
    now: datetime,
) -> str:
    """The redirect URI with the authorization response: plain, or as one signed JWT (JARM)."""
    require_a_way_back(authorization_request, client)
    answer = {
        **parameters,
        **({} if authorization_request.state is None else {"state": authorization_request.state}),
        "iss": client.ecosystem.issuer,
    }
    if response_is_signed(client, authorization_request):
        claims = jarm.claims(
            issuer=client.ecosystem.issuer,
            client_id=client.client_id,
            parameters=answer,
            now=now,
        )
        answer = {
            "response": sign(
                client.ecosystem,
                purpose=jose.Purpose.AUTHORIZATION_RESPONSE,
                claims=claims,
                algorithm=client.id_token_signed_response_alg,
            )
        }
    assert authorization_request.redirect_uri is not None
    return authorization_response.url(authorization_request.redirect_uri, answer)


def response_is_signed(client: Client, authorization_request: AuthorizationRequest) -> bool:
    """A registration for signed answers is stricter than what a request says."""
    return client.authorization_response_mode == "jwt" or authorization_request.response_mode in (
        "jwt",
        "query.jwt",
    )


def send_back(
    request: HttpRequest, url: str, client: Client, *, by_page: bool, approved: bool = False
) -> HttpResponse:
    """Take the person back to the client: a 303, or an own page once a page was needed.

    A redirect after a form post is blocked by ``form-action 'self'``, the page is not.
    """
    if by_page:
        context = {"url": url, "client": client, "approved": approved}
        response = render(request, "journey/returning.html", context)
    else:
        response = SeeOther(url)
    response["Referrer-Policy"] = "no-referrer"
    return response


@case("AZ-20", "ER-05")
def ended_page(
    request: HttpRequest, client: Client, error: OAuthError, *, url: str, elsewhere: bool = False
) -> HttpResponse:
    """Say why a request came to nothing, and lead back to the client when the person has read it.

    ``url`` carries the answer to the client; empty where there is no safe way to it, or where
    another browser answers, which ``elsewhere`` says. The
    reference on the page is that of the refusal that is kept.
    """
    record_refusal(
        error,
        ecosystem=client.ecosystem.slug,
        client_id=client.client_id,
        endpoint="/authorize",
    )
    context = {
        "client": client,
        "url": url,
        "elsewhere": elsewhere,
        "ending": error.ending,
        "interaction_id": current_interaction_id(),
    }
    response = render(request, "journey/ended.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response


def finished_page(request: HttpRequest, client: Client) -> HttpResponse:
    """The request was answered, and the answer is given once."""
    return render(request, "journey/finished.html", {"client": client})
