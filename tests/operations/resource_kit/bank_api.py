"""A bank's API as somebody would write it with the kit, in a project of their own."""

from datetime import datetime
from typing import Any, cast

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from authserver.protocol.specs.dpop import VerifiedProof
from authserver.replay.models import UsedProof
from authserver.resource.drf import BoundToken, Subject, as_oauth_error, has_detail, has_scope
from authserver.resource.issuer import Access, TrustedIssuer
from authserver.resource.keys import KeyCache
from authserver.web.client_certificate import presented_certificate
from tests.support.world import BANK

ISSUER = "https://as.example.com/openfinance"


def consume(proof: VerifiedProof) -> bool:
    expires_at: datetime = proof.expires_at
    return UsedProof.objects.consume(
        purpose="bank", owner=proof.jkt, jti=proof.jti, expires_at=expires_at
    )


class OfTheBank(BoundToken):
    """Set ``trusted`` before use; the proxy in front hands certificates on."""

    def certificate_of(self, request: Any) -> bytes | None:
        return presented_certificate(request)


def trust(*, fetch: Any = None, introspect: Any = None, decryption_keys: Any = ()) -> None:
    OfTheBank.trusted = TrustedIssuer(
        url=ISSUER,
        audience=BANK,
        consume=consume,
        keys=KeyCache(fetch=fetch) if fetch else None,
        introspect=introspect,
        decryption_keys=decryption_keys,
    )


class Accounts(APIView):
    authentication_classes = [OfTheBank]
    permission_classes = [has_scope("accounts")]

    def get_exception_handler(self) -> Any:
        return as_oauth_error

    def get(self, request: Request) -> Response:
        subject, access = cast(Subject, request.user), cast(Access, request.auth)
        return Response({"client": subject.client_id, "scope": sorted(access.scope)})


class Payments(Accounts):
    permission_classes = [has_detail("payment_initiation")]


urlpatterns = [
    path("bank/accounts", Accounts.as_view()),
    path("bank/payments", Payments.as_view()),
    path("", include("authserver.urls")),
]
