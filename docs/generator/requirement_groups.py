"""The documents that requirement ids come from, in the order in which the page shows them."""

from dataclasses import dataclass
from functools import cache

from authserver.protocol.clauses import LINKS, OF_THE_PRODUCT, RFC, link


@dataclass(frozen=True, slots=True)
class Group:
    """Requirements of one document; ``url`` is empty where it has no public address."""

    prefix: str
    title: str
    url: str


RFCS = {
    "3986": "Uniform Resource Identifier: Generic Syntax",
    "5280": "X.509 certificates",
    "6749": "OAuth 2.0",
    "6750": "Bearer tokens",
    "6819": "OAuth 2.0 threat model",
    "7009": "Token revocation",
    "7515": "JSON Web Signature",
    "7516": "JSON Web Encryption",
    "7517": "JSON Web Key",
    "7518": "JSON Web Algorithms",
    "7519": "JSON Web Token",
    "7521": "Assertion framework",
    "7523": "JWT client authentication",
    "7591": "Dynamic client registration",
    "7592": "Dynamic client registration management",
    "7636": "PKCE",
    "7638": "JWK thumbprint",
    "7662": "Token introspection",
    "7800": "Proof-of-possession semantics for JWTs",
    "8037": "Edwards curves in JOSE",
    "8176": "Authentication method reference values",
    "8252": "OAuth 2.0 for native apps",
    "8259": "JSON",
    "8265": "Preparation of passwords",
    "8414": "Authorization server metadata",
    "8705": "Mutual TLS client authentication and bound tokens",
    "8707": "Resource indicators",
    "8725": "JWT best current practices",
    "9068": "JWT profile for access tokens",
    "9110": "HTTP semantics",
    "9111": "HTTP caching",
    "9325": "Recommendations for TLS",
    "9325A": "Recommendations for TLS, appendix",
    "9396": "Rich authorization requests",
    "9449": "DPoP",
    "9700": "OAuth 2.0 security best current practice",
    "9701": "Signed introspection",
    "9728": "Protected resource metadata",
    "9864": "Fully specified algorithms",
}

SPECIFICATIONS = {
    "FAPI2-SP-FINAL-": "FAPI 2.0 Security Profile",
    "FAPI2-MS-ID1-": "FAPI 2.0 Message Signing",
    "FAPI2-BASE-": "FAPI 2.0 Baseline, draft 01, which the suite still names",
    "PAR-": "Pushed authorization requests (RFC 9126)",
    "JAR-": "JWT-secured authorization requests (RFC 9101)",
    "JARM-": "JWT-secured authorization responses",
    "RAR-": "Rich authorization requests (RFC 9396)",
    "MTLS-": "Mutual TLS (RFC 8705)",
    "DPOP-": "DPoP (RFC 9449)",
    "OAuth2-iss-": "Issuer identification (RFC 9207)",
    "OIDCC-": "OpenID Connect Core",
    "OIDCD-": "OpenID Connect Discovery",
}
ECOSYSTEMS = {
    "CBUAE-": "Open Finance UAE",
    "FFI-": "FFI",
    "KSA-": "Open Banking Saudi Arabia (numbered in the profile)",
    "CID-": "ConnectID Australia",
    "WCAG-": "Web Content Accessibility Guidelines",
}
PAGE = "product-requirements.md"


@cache
def groups() -> tuple[Group, ...]:
    """Specifications, RFCs, ecosystems, then what the product demands of itself."""
    return (
        *(Group(prefix, title, LINKS.get(prefix, "")) for prefix, title in SPECIFICATIONS.items()),
        *(
            Group(f"RFC{number}-", f"RFC {number}: {title}", f"{RFC}rfc{number.rstrip('A')}.html")
            for number, title in RFCS.items()
        ),
        *(Group(prefix, title, LINKS.get(prefix, "")) for prefix, title in ECOSYSTEMS.items()),
        Group(OF_THE_PRODUCT, "The product's own", PAGE),
    )


@cache
def group_of(requirement_id: str) -> Group | None:
    """The document that the id is of, or None: then its prefix is misspelled, or new."""
    return next((group for group in groups() if requirement_id.startswith(group.prefix)), None)


def address(requirement_id: str) -> str:
    """As ``link``, and for what is the product's own the place on its page in ``docs/``."""
    if requirement_id.startswith(OF_THE_PRODUCT):
        return f"{PAGE}#{requirement_id.lower()}"
    return link(requirement_id)
