"""A bank's API under a real server: it says which account its view was called for.

Run by gunicorn as ``tests.operations.resource_kit.paths_api:application``. ISSUER_KEY is the
issuer's key as JSON.
"""

import json
import os
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from authserver.protocol.specs.dpop import VerifiedProof
from authserver.resource.drf import BoundToken
from authserver.resource.issuer import TrustedIssuer
from authserver.resource.keys import KeyCache

ISSUER, AUDIENCE = "https://as.example.com/openfinance", "https://api.bank.example.com"
used: set[tuple[str, str]] = set()


def consume(proof: VerifiedProof) -> bool:
    is_new = (proof.jkt, proof.jti) not in used
    used.add((proof.jkt, proof.jti))
    return is_new


class OfTheBank(BoundToken):
    trusted = TrustedIssuer(
        url=ISSUER,
        audience=AUDIENCE,
        consume=consume,
        keys=KeyCache(fetch=lambda: {"keys": [json.loads(os.environ["ISSUER_KEY"])]}),
    )


class Account(APIView):
    authentication_classes = [OfTheBank]

    def get(self, request: Request, name: str) -> Response:
        return Response({"name": name, "let_in": request.auth is not None})


urlpatterns = [path("accounts/<path:name>", Account.as_view())]


def started() -> Any:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    settings.ALLOWED_HOSTS = ["*"]
    return WSGIHandler()


application = started() if "ISSUER_KEY" in os.environ else None
