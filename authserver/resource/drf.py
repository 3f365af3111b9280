"""For Django REST framework: an authentication class, permissions, and the right way to say no.

    class OfTheBank(BoundToken):
        trusted = TrustedIssuer(url="https://as.example.com/bank", audience="https://api...", ...)

    class Accounts(APIView):
        authentication_classes = [OfTheBank]
        permission_classes = [has_scope("accounts")]

``request.auth`` is the ``Access``; ``request.user`` is its subject, a name and no model.
"""

import ssl
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView, exception_handler

from authserver.protocol.errors import OAuthError
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.request_url import path_as_sent
from authserver.resource.challenge import challenge, status_of
from authserver.resource.issuer import Access, TrustedIssuer
from authserver.resource.possession import Presented


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the token speaks for; enough of a user for DRF's permissions and throttles."""

    pk: str
    client_id: str
    is_authenticated: bool = True


class BoundToken(BaseAuthentication):
    """Authenticate by an access token in the header and the key it is bound to.

    Set ``trusted``. Behind a proxy, override ``certificate_of``; where the resource is published
    under other names than it is called by, ``urls_of``.
    """

    trusted: TrustedIssuer

    @requirement("FAPI2-SP-FINAL-5.3.4-2", "RFC6750-3.1")
    def authenticate(self, request: Request) -> tuple[Subject, Access] | None:
        """Return subject and access, or None without a token.

        Raises an APIException that is rendered as the refusal, with the reason as its challenge.
        """
        if "Authorization" not in request.headers:
            return None
        presented = Presented(
            authorization=request.headers["Authorization"],
            method=request.method or "",
            urls=self.urls_of(request._request),
            certificate=self.certificate_of(request._request),
            dpop_proof=request.headers.get("DPoP"),
        )
        try:
            access = self.trusted.access(presented, now=timezone.now())
        except OAuthError as error:
            request._request.META["resource.refused_token"] = error
            if status_of(error) == HTTPStatus.UNAUTHORIZED:
                raise _Refused(error) from None
            raise _NotJudged(error, www_authenticate=self.authenticate_header(request)) from None
        return Subject(pk=access.subject, client_id=access.client_id), access

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401: with the reason where there was a token."""
        error = request._request.META.get("resource.refused_token")
        return challenge(error, algorithms=self.trusted.algorithms)

    def certificate_of(self, request: HttpRequest) -> bytes | None:
        """DER of the client certificate that the TLS socket itself saw; headers are ignored."""
        socket = request.META.get("gunicorn.socket")
        if not isinstance(socket, ssl.SSLSocket):
            return None
        return socket.getpeercert(binary_form=True)

    def urls_of(self, request: HttpRequest) -> tuple[str, ...]:
        """The URLs that a DPoP proof may name: none where the server does not hand on the target.

        Under gunicorn, uWSGI and mod_wsgi it is known, and under ASGI. ``request.path`` would not
        do: a proof for one path would open another whose escapes decode to it.
        """
        path = _path_as_sent(request)
        return () if path is None else (self.trusted.audience.rstrip("/") + path,)


def _path_as_sent(request: HttpRequest) -> str | None:
    scope = getattr(request, "scope", None)
    if scope is None:
        return path_as_sent(request.META)
    raw: bytes = scope.get("raw_path") or b""
    return path_as_sent({"RAW_URI": raw.decode("latin-1")})


class _Refused(exceptions.AuthenticationFailed):
    def __init__(self, error: OAuthError) -> None:
        super().__init__({"error": error.code, "error_description": error.public_description})


class _NotJudged(exceptions.APIException):
    """DRF would turn an AuthenticationFailed of any other status into a 401 or 403."""

    def __init__(self, error: OAuthError, *, www_authenticate: str) -> None:
        super().__init__({"error": error.code, "error_description": error.public_description})
        self.status_code = status_of(error)
        if self.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            self.wait = 5  # seconds
        else:
            self.auth_header = www_authenticate


def has_scope(*scopes: str) -> type[BasePermission]:
    """A permission class: the token has all of these scopes."""

    class HasScope(BasePermission):
        message = "the token lacks a scope"
        code = "insufficient_scope"

        @requirement("RFC6750-3.1")
        def has_permission(self, request: Request, view: APIView) -> bool:
            return isinstance(request.auth, Access) and set(scopes) <= request.auth.scope

    return HasScope


def has_detail(detail_type: str) -> type[BasePermission]:
    """A permission class: the token carries authorization_details of this type."""

    class HasDetail(BasePermission):
        message = "the token lacks authorization_details of this type"
        code = "insufficient_scope"

        @requirement("RAR-9.1")
        def has_permission(self, request: Request, view: APIView) -> bool:
            return isinstance(request.auth, Access) and any(
                each["type"] == detail_type for each in request.auth.authorization_details
            )

    return HasDetail


def as_oauth_error(error: Exception, context: dict[str, Any]) -> Any:
    """DRF's EXCEPTION_HANDLER for such an API: every refusal as error and error_description."""
    response = exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.APIException):
        code = error.get_codes()
        if not (isinstance(error.detail, dict) and "error" in error.detail):
            response.data = {"error": code, "error_description": str(error.detail)}
    return response
