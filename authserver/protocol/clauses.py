"""Where each clause can be read, and which numbers are ours alone.

A clause is of a public document, of an ecosystem's source or of the product itself
(docs/product-requirements.md), and clients are told it. A case is a number of our catalogue of what
is tried against a server (docs/cases.md): it names a test, and nobody outside is told it.
"""

import re

RFC = "https://www.rfc-editor.org/rfc/"
OPENID = "https://openid.net/specs/"
LINKS = {
    "FAPI2-SP-FINAL-": OPENID + "fapi-security-profile-2_0-final.html",
    "FAPI2-MS-ID1-": OPENID + "fapi-message-signing-2_0-final.html",
    "FAPI2-BASE-": OPENID + "fapi-2_0-baseline-01.html",
    "OIDCC-": OPENID + "openid-connect-core-1_0.html",
    "OIDCD-": OPENID + "openid-connect-discovery-1_0.html",
    "JARM-": OPENID + "oauth-v2-jarm-final.html",
    "PAR-": RFC + "rfc9126.html",
    "JAR-": RFC + "rfc9101.html",
    "RAR-": RFC + "rfc9396.html",
    "DPOP-": RFC + "rfc9449.html",
    "MTLS-": RFC + "rfc8705.html",
    "OAuth2-iss-": RFC + "rfc9207.html",
    "CBUAE-": "https://openfinanceuae.atlassian.net/",
    "CID-": "https://cdn.connectid.com.au/specifications/digitalid-fapi-profile-01.html",
    "KSA-": "https://ksaob.atlassian.net/",
    "WCAG-": "https://www.w3.org/TR/WCAG22/",
}
WITH_ANCHORS = (RFC, OPENID + "fapi-", OPENID + "oauth-v2-jarm")
WITHOUT_ADDRESS = "FFI-"  # its participants have the source, and the public has no address of it
OF_THE_PRODUCT = "PRODUCT-"
CASES = (
    *("CA", "MT", "PR", "JR", "AZ", "CD", "TK", "DP", "IR", "DS", "JW", "DC", "AD", "LG", "HT"),
    *("LO", "ER", "F"),
)
CASE = re.compile(rf"(?:{'|'.join(CASES)})-\d+")


def is_case(name: str) -> bool:
    """A number of our own catalogue."""
    return CASE.fullmatch(name) is not None


def is_public(name: str) -> bool:
    """Somebody outside can look it up: it has an address, a source of theirs, or a page of ours."""
    return name.startswith((OF_THE_PRODUCT, WITHOUT_ADDRESS)) or bool(link(name))


def link(name: str) -> str:
    """Where the clause can be read; empty when its publisher gives no public address."""
    for prefix, url in LINKS.items():
        if name.startswith(prefix):
            return url + _section(name.removeprefix(prefix), url)
    if name.startswith("RFC"):
        number, _, rest = name.removeprefix("RFC").partition("-")
        url = f"{RFC}rfc{number.removesuffix('A')}.html"
        return url + _section(rest, url)
    return ""


def _section(rest: str, url: str) -> str:
    """The anchor of the section, on pages that have one for every section."""
    number = re.match(r"\d+(\.\d+)*", rest)
    return f"#section-{number[0]}" if number and url.startswith(WITH_ANCHORS) else ""
