"""The rules of an ecosystem, published: GET /<ecosystem>/profile, as JSON or as a page."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from authserver.ecosystems.models import Ecosystem
from authserver.endpoints.back_channel import ecosystem_of
from authserver.protocol.profiles.table import Row, in_words, rows
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.certificate import RSA_BITS, STRONG_HASHES, BadCertificate
from authserver.protocol.specs.certificate_trust import MOST_ISSUING_CAS
from authserver.protocol.specs.server_certificate import pin_of
from authserver.web.server_certificate import published_cas

HTML = "text/html"
LABELS = {
    "access_token_lifetime": "An access token lives",
    "request_uri_lifetime": "A request_uri can be opened for",
    "authorization_code_lifetime": "A code can be redeemed for",
    "transaction_lifetime": "A person may take",
}
# What every client certificate is held to, whichever ecosystem: FFI-2.
CLIENT_CERTIFICATES = {
    "rsa_bits": f"{RSA_BITS[0]} to {RSA_BITS[-1]}",
    "curves": ["P-256", "P-384"],
    "signature_hashes": [each.name for each in STRONG_HASHES],
    "extended_key_usage": "clientAuth",
    "issuing_cas_at_most": MOST_ISSUING_CAS,
}


@require_safe
@requirement("PRODUCT-7", "CBUAE-4.2a", "FFI-2")
def published_profile(request: HttpRequest, slug: str) -> HttpResponse:
    """Say by which rules the ecosystem plays: each with its clause and its value."""
    ecosystem = ecosystem_of(slug)
    if request.get_preferred_type(["application/json", HTML]) == HTML:
        response = render(request, "profile.html", page(ecosystem))
    else:
        response = JsonResponse(document(ecosystem))
        response["Access-Control-Allow-Origin"] = "*"
        response["Cache-Control"] = "public, max-age=300"
    patch_vary_headers(response, ["Accept"])
    return response


def document(ecosystem: Ecosystem) -> dict[str, Any]:
    """The rules for machines; durations are in seconds."""
    rules = ecosystem.rules
    return {
        "issuer": ecosystem.issuer,
        "name": ecosystem.name,
        "profile": {
            "name": rules.name,
            "title": rules.title,
            "stands_on": rules.base,
            "specification": rules.url,
        },
        "rules": [_rule(row) for row in rows(rules)],
        "in_force": {
            name: int(value.total_seconds()) for name, value in lifetimes(ecosystem).items()
        }
        | {"subject_type": ecosystem.subject_type, "time_zone": ecosystem.zone.key},
        "scopes": ecosystem.scopes,
        "client_credentials_scopes": ecosystem.client_credentials_scopes,
        "authorization_details_types": ecosystem.authorization_details_types,
        "trusted_cas": list(trusted_cas(ecosystem)),
        "client_certificates": CLIENT_CERTIFICATES,
        "server_cas": server_cas(),
        "server_cas_url": server_cas_url(ecosystem),
    }


def page(ecosystem: Ecosystem) -> dict[str, Any]:
    """What the template shows."""
    return {
        "ecosystem": ecosystem,
        "profile": ecosystem.rules,
        "rows": rows(ecosystem.rules),
        "lifetimes": {
            LABELS[name]: in_words(value) for name, value in lifetimes(ecosystem).items()
        },
        "trusted_cas": trusted_cas(ecosystem),
        "client_certificates": CLIENT_CERTIFICATES,
        "server_cas": server_cas(),
        "server_cas_url": server_cas_url(ecosystem),
    }


def lifetimes(ecosystem: Ecosystem) -> dict[str, timedelta]:
    """How long things live here, where the ecosystem may be stricter than its profile."""
    return {
        "access_token_lifetime": ecosystem.access_token_lifetime,
        "request_uri_lifetime": ecosystem.request_uri_lifetime,
        "authorization_code_lifetime": ecosystem.authorization_code_lifetime,
        "transaction_lifetime": ecosystem.transaction_lifetime,
    }


def trusted_cas(ecosystem: Ecosystem) -> list[Any]:
    """Whose certificates a client may come with."""
    anchors = ecosystem.trust_anchors.order_by("subject")
    return list(anchors.values("kind", "subject", "thumbprint", "not_after"))


@requirement("FFI-16")
def server_cas() -> list[dict[str, Any]]:
    """Who issues our own certificate, with the pin of each CA's key; none if not published."""
    try:
        cas = published_cas()
    except BadCertificate:
        return []
    return [
        {
            "subject": each.subject,
            "thumbprint": each.thumbprint,
            "public_key_sha256": pin_of(each),
            "not_after": each.not_after,
        }
        for each in cas
    ]


def server_cas_url(ecosystem: Ecosystem) -> str:
    return ecosystem.endpoint("/server-ca.pem") if server_cas() else ""


def _rule(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "rule": row.rule,
        "value": row.data,
        "clause": row.clause,
        "clause_url": row.url,
    }
