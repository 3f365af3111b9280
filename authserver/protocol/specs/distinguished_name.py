"""Distinguished names: read from text (RFC 4514), compared as directories do (RFC 5280, 7.1).

Two spellings of one name are the same: the short name of a type or its OID, an escaped character,
letter case, white space, the ASN.1 string type of the value. The order of the parts is not.
"""

import re
import unicodedata
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import NameOID

# A part is a set of (OID, prepared value); the first part is the first in the certificate.
Prepared = tuple[frozenset[tuple[str, str]], ...]

SHORT_NAMES = {
    name.upper(): oid.dotted_string
    for name, oid in {
        "CN": NameOID.COMMON_NAME,
        "C": NameOID.COUNTRY_NAME,
        "L": NameOID.LOCALITY_NAME,
        "ST": NameOID.STATE_OR_PROVINCE_NAME,
        "S": NameOID.STATE_OR_PROVINCE_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "STREET": NameOID.STREET_ADDRESS,
        "DC": NameOID.DOMAIN_COMPONENT,
        "UID": NameOID.USER_ID,
        "emailAddress": NameOID.EMAIL_ADDRESS,
        "E": NameOID.EMAIL_ADDRESS,
        "serialNumber": NameOID.SERIAL_NUMBER,
        "SN": NameOID.SURNAME,
        "surname": NameOID.SURNAME,
        "GN": NameOID.GIVEN_NAME,
        "givenName": NameOID.GIVEN_NAME,
        "title": NameOID.TITLE,
        "postalCode": NameOID.POSTAL_CODE,
        "businessCategory": NameOID.BUSINESS_CATEGORY,
        "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER,
        "jurisdictionCountryName": NameOID.JURISDICTION_COUNTRY_NAME,
        "jurisdictionStateOrProvinceName": NameOID.JURISDICTION_STATE_OR_PROVINCE_NAME,
        "jurisdictionLocalityName": NameOID.JURISDICTION_LOCALITY_NAME,
        # As OpenSSL, nginx and others print them.
        "jurisdictionC": NameOID.JURISDICTION_COUNTRY_NAME,
        "jurisdictionST": NameOID.JURISDICTION_STATE_OR_PROVINCE_NAME,
        "jurisdictionL": NameOID.JURISDICTION_LOCALITY_NAME,
        "dnQualifier": NameOID.DN_QUALIFIER,
        "pseudonym": NameOID.PSEUDONYM,
        "generationQualifier": NameOID.GENERATION_QUALIFIER,
        "initials": NameOID.INITIALS,
        "x500UniqueIdentifier": NameOID.X500_UNIQUE_IDENTIFIER,
        "postalAddress": NameOID.POSTAL_ADDRESS,
        "commonName": NameOID.COMMON_NAME,
        "countryName": NameOID.COUNTRY_NAME,
        "localityName": NameOID.LOCALITY_NAME,
        "stateOrProvinceName": NameOID.STATE_OR_PROVINCE_NAME,
        "organizationName": NameOID.ORGANIZATION_NAME,
        "organizationalUnitName": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "streetAddress": NameOID.STREET_ADDRESS,
        "domainComponent": NameOID.DOMAIN_COMPONENT,
        "userId": NameOID.USER_ID,
    }.items()
}
PREFIX = "OID."  # RFC 2253, 4: older programs still write it
TYPE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,49}", re.ASCII)  # what a message may repeat
OID = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+", re.ASCII)
# One character of a value: a pair of hex digits or a special one behind a backslash, or itself.
CHARACTER = re.compile(r'\\([0-9A-Fa-f]{2})|\\([ "#+,;<=>\\])|([^"+,;<>\\\x00])')
LONGEST = 2_000  # characters of a name that we read
ENCODINGS = {12: "utf-8", 19: "ascii", 20: "latin-1", 22: "ascii", 26: "ascii", 30: "utf-16-be"}
BECOMES_A_SPACE = frozenset("\t\n\v\f\r\x85")
UNSEEN = frozenset({"Cc", "Cf"})
NEVER_IN_A_NAME = frozenset({"Cn", "Co", "Cs"})


class BadName(ValueError):
    """Text that is no distinguished name."""


@lru_cache(maxsize=2048)
def prepared(text: str) -> Prepared:
    """Return the name as it is compared, or raise BadName. The last part stands first in text."""
    if len(text) > LONGEST:
        raise BadName("too long")
    parts = [
        frozenset(_attribute(each) for each in _split(part, "+")) for part in _split(text, ",")
    ]
    return tuple(reversed(parts))


def prepared_name(name: x509.Name) -> Prepared:
    """Return the name of a certificate as it is compared, or raise BadName."""
    return tuple(
        frozenset((each.oid.dotted_string, _prepared_value(each.value)) for each in part)
        for part in name.rdns
    )


def _split(text: str, separator: str) -> list[str]:
    """Split where the separator is not escaped."""
    parts = [""]
    escaped = False
    for character in text:
        if character == separator and not escaped:
            parts.append("")
            continue
        parts[-1] += character
        escaped = character == "\\" and not escaped
    return parts


def _attribute(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    name = name.strip(" ")
    number = name[len(PREFIX) :] if name.upper().startswith(PREFIX) else name
    oid = number if OID.fullmatch(number) else SHORT_NAMES.get(name.upper())
    if not equals:
        raise BadName("a part has no equals sign")
    if oid is None:
        known = f" {name}" if TYPE.fullmatch(name) else ""
        raise BadName(f"the attribute type{known} is unknown; write its OID instead")
    value = value.lstrip(" ")
    if value.startswith("#"):
        return oid, _prepared_value(_from_hex(value[1:].rstrip(" ")))
    return oid, _prepared_value(_unescaped(value))


def _unescaped(text: str) -> str:
    octets = bytearray()
    place = 0
    while place < len(text):
        match = CHARACTER.match(text, place)
        if match is None:
            raise BadName("a character must be escaped")
        pair, special, plain = match.groups()
        octets += bytes.fromhex(pair) if pair else (special or plain).encode()
        place = match.end()
    return _decoded(bytes(octets), "utf-8")


def _from_hex(digits: str) -> str:
    """The text inside one DER string, which is how values of unlisted types are written."""
    try:
        octets = bytes.fromhex(digits)
    except ValueError:
        raise BadName("a value is not hexadecimal") from None
    head = _length_of_the_head(octets)
    if octets[0] not in ENCODINGS:
        raise BadName("a value is not text")
    return _decoded(octets[head:], ENCODINGS[octets[0]])


def _length_of_the_head(octets: bytes) -> int:
    """Octets before the content of the one DER string; BadName unless it ends where they do."""
    if len(octets) >= 2 and octets[1] < 0x80 and octets[1] == len(octets) - 2:
        return 2
    # X.690, 10.1: the length in the fewest octets.
    if octets[1:2] == b"\x81" and 0x80 <= len(octets) - 3 == int.from_bytes(octets[2:3], "big"):
        return 3
    if octets[1:2] == b"\x82" and 0x100 <= len(octets) - 4 == int.from_bytes(octets[2:4], "big"):
        return 4
    raise BadName("a value is not one DER string")


def _decoded(octets: bytes, encoding: str) -> str:
    try:
        return octets.decode(encoding)
    except UnicodeDecodeError:
        raise BadName("a value is not text") from None


def _prepared_value(value: str | bytes) -> str:
    """Prepare a string as RFC 4518 does: map, normalise, prohibit, drop insignificant spaces."""
    if isinstance(value, bytes):
        return "#" + value.hex()
    if any(map(_is_unseen, value)):
        raise BadName("a character is not allowed in a name")
    mapped = "".join(map(_mapped, value)).casefold()
    normal = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", mapped).casefold())
    if any(each == "\ufffd" or unicodedata.category(each) in NEVER_IN_A_NAME for each in normal):
        raise BadName("a character is not allowed in a name")
    return " ".join(normal.split())


def _mapped(character: str) -> str:
    category = unicodedata.category(character)
    is_space = character in BECOMES_A_SPACE or category in ("Zs", "Zl", "Zp")
    return " " if is_space else character


def _is_unseen(character: str) -> bool:
    """RFC 4518 maps them to nothing. Two names that look alike and differ would then be one."""
    if character in BECOMES_A_SPACE:
        return False
    return (
        unicodedata.category(character) in UNSEEN
        or "\ufe00" <= character <= "\ufe0f"
        or character in "\u034f\u180b\u180c\u180d\u115f\u1160\u3164\uffa0\u17b4\u17b5"
    )
