"""RFC 4514, RFC 4518 and RFC 5280, 7.1: when two texts are the same name."""

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.specs import mtls
from authserver.protocol.specs.distinguished_name import BadName, prepared, prepared_name
from tests.support import certificates

requirement = pytest.mark.requirement
DN = "CN=tpp,O=Trading Limited,C=AE"


def same_dn(one, other):
    """As a certificate's subject is compared; what cannot be read is nobody's name."""
    try:
        return bool(one) and prepared(one) == prepared(other)
    except BadName:
        return False


@requirement("MTLS-2.1.2", "RFC5280-7.1")
@pytest.mark.parametrize(
    "other",
    [
        pytest.param("cn=tpp,o=Trading Limited,c=AE", id="types in lower case"),
        pytest.param("2.5.4.3=tpp,2.5.4.10=Trading Limited,2.5.4.6=AE", id="types as OIDs"),
        pytest.param("CN=TPP,O=trading limited,C=ae", id="letter case"),
        pytest.param("CN=tpp, O=Trading Limited, C=AE", id="spaces after the commas"),
        pytest.param("CN=tpp,O=  Trading   Limited ,C=AE", id="white space in a value"),
        pytest.param("CN=\\74pp,O=Trading\\ Limited,C=AE", id="escapes that are not needed"),
        pytest.param("CN=tpp,O=Trading\u00a0Limited,C=AE", id="a space that does not break"),
        pytest.param("CN=\uff54\uff50\uff50,O=Trading Limited,C=AE", id="full-width letters"),
        pytest.param("OID.2.5.4.3=tpp,oid.2.5.4.10=Trading Limited,C=AE", id="OID. before a type"),
        pytest.param("CN=#0c03747070,O=Trading Limited,C=AE", id="a value in hexadecimal"),
        pytest.param("CN=#1e06007400700070,O=Trading Limited,C=AE", id="as BMPString"),
    ],
)
def test_another_spelling_is_the_same_name(other):
    assert same_dn(DN, other)
    assert same_dn(other, DN)


@requirement("MTLS-2.1.2", "RFC5280-7.1")
@pytest.mark.parametrize(
    "other",
    [
        pytest.param("C=AE,O=Trading Limited,CN=tpp", id="another order"),
        pytest.param("CN=tpp,O=Trading Limited", id="a part less"),
        pytest.param("CN=tpp,O=Trading Limited,C=AE,C=AE", id="a part more"),
        pytest.param("CN=tpp+O=Trading Limited,C=AE", id="two parts joined into one"),
        pytest.param("CN=tpp\\,O=Trading Limited,C=AE", id="a separator escaped"),
        pytest.param("CN=tpp\\2cO\\3dTrading Limited,C=AE", id="a separator in hexadecimal"),
        pytest.param("OU=tpp,O=Trading Limited,C=AE", id="another type"),
        pytest.param("CN=tpp2,O=Trading Limited,C=AE", id="a longer value"),
        pytest.param("CN=t*,O=Trading Limited,C=AE", id="a wildcard"),
        pytest.param("CN=\u0442pp,O=Trading Limited,C=AE", id="a Cyrillic letter"),
        pytest.param("CN=tpp,O=TradingLimited,C=AE", id="a space less"),
        pytest.param("", id="nothing"),
    ],
)
def test_another_name_is_not_the_same(other):
    assert not same_dn(DN, other)


@requirement("MTLS-2.1.2")
def test_the_order_inside_a_part_does_not_count():
    assert same_dn("CN=tpp+UID=1,C=AE", "UID=1+CN=tpp,C=AE")


@requirement("MTLS-2.1.2")
def test_no_name_is_the_same_as_none():
    assert not same_dn("", "")


@requirement("MTLS-2.1.2")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("tpp", id="no type"),
        pytest.param("FOO=tpp", id="an unknown type"),
        pytest.param("CN=tpp,", id="a comma at the end"),
        pytest.param("CN=tpp,,C=AE", id="two commas"),
        pytest.param("/C=AE/O=Trading/CN=tpp", id="slashes"),
        pytest.param('CN="tpp",C=AE', id="quotes"),
        pytest.param("CN=tpp\\", id="a backslash at the end"),
        pytest.param("CN=tpp\\zz", id="a pair that is no hexadecimal"),
        pytest.param("CN=\\ff\\fe", id="not UTF-8"),
        pytest.param("CN=#0c", id="hexadecimal that ends too soon"),
        pytest.param("CN=#0204747070", id="a length that is wrong"),
        pytest.param("CN=#02017a", id="a number"),
        pytest.param("CN=#zz", id="no hexadecimal"),
        pytest.param("CN=t\x00pp", id="NUL"),
        pytest.param("CN=t\\00pp", id="NUL in hexadecimal"),
        *(
            pytest.param(f"CN=t{chr(point)}pp", id=f"unseen {point:04x}")
            for point in (1, 0x7F, 0xAD, 0x34F, 0x115F, 0x200B, 0x202E, 0x2060, 0xFE0F, 0xE0041)
        ),
        pytest.param("CN=#0c810361" + "6161", id="a length in more octets than it needs"),
        pytest.param("CN=#0c8180" + "61" * 127, id="a long value that ends too soon"),
        pytest.param("CN=\ufffd", id="a replacement character"),
        pytest.param("CN=\ue000", id="private use"),
        pytest.param("CN=" + "a" * 3000, id="too long"),
    ],
)
def test_what_is_no_name_is_refused_and_never_the_same(text):
    with pytest.raises(BadName):
        prepared(text)
    assert not same_dn(text, text)
    assert mtls.why_not_a_subject(text)


@requirement("MTLS-2.1.2")
@pytest.mark.parametrize(
    ("name", "oid"),
    [
        ("jurisdictionC", NameOID.JURISDICTION_COUNTRY_NAME),
        ("jurisdictionST", NameOID.JURISDICTION_STATE_OR_PROVINCE_NAME),
        ("jurisdictionL", NameOID.JURISDICTION_LOCALITY_NAME),
        ("dnQualifier", NameOID.DN_QUALIFIER),
        ("pseudonym", NameOID.PSEUDONYM),
        ("businessCategory", NameOID.BUSINESS_CATEGORY),
        ("generationQualifier", NameOID.GENERATION_QUALIFIER),
        ("organizationName", NameOID.ORGANIZATION_NAME),
        ("OID.2.5.4.97", NameOID.ORGANIZATION_IDENTIFIER),
    ],
)
def test_a_type_is_known_by_the_name_that_front_ends_print(name, oid):
    certificate = x509.Name([x509.NameAttribute(oid, "AE")])

    assert prepared(f"{name}=AE") == prepared_name(certificate)


@requirement("MTLS-2.1.2")
@pytest.mark.parametrize("length", [1, 127, 128, 255, 256, 900])
def test_a_value_in_hexadecimal_may_be_long(length):
    value = "a" * length
    size = bytes([length]) if length < 128 else bytes([0x81, length]) if length < 256 else None
    head = b"\x0c" + (size or b"\x82" + length.to_bytes(2, "big"))

    assert same_dn(f"O=#{(head + value.encode()).hex()}", f"O={value}")


@requirement("MTLS-2.1.2")
def test_the_sentence_names_the_type_that_is_unknown():
    assert "the attribute type FOO is unknown" in str(mtls.why_not_a_subject("CN=x,FOO=y"))
    assert "<b>" not in str(mtls.why_not_a_subject("CN=x,<b>=y"))


def test_a_name_can_be_registered():
    assert mtls.why_not_a_subject(DN) is None
    assert mtls.why_not_a_subject("organizationIdentifier=PSDAE-CB-1,CN=tpp") is None


values = st.text(
    st.characters(min_codepoint=1, max_codepoint=0xD7FF, exclude_categories=["Cn", "Co", "Cs"]),
    min_size=1,
    max_size=40,
)
types = st.sampled_from([NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.USER_ID])


@requirement("MTLS-2.1.2", "RFC5280-7.1")
@given(st.lists(st.tuples(types, values), min_size=1, max_size=5))
def test_the_text_of_a_certificates_name_is_the_same_name(attributes):
    try:
        name = x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])
        prepared_name(name)
    except ValueError:  # the library limits the length of a common name; we what is unseen
        return

    assert prepared(name.rfc4514_string()) == prepared_name(name)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_raises_anything_but_a_bad_name(one, other):
    assert same_dn(one, other) in (True, False)


@requirement("MTLS-2.1.2")
def test_the_subject_of_a_certificate_is_compared_whole():
    certificate = mtls.parse_der(certificates.transport("tpp").der)

    assert mtls.has_subject(certificate, "CN=tpp,O=Test,C=AE")
    assert mtls.has_subject(certificate, certificate.subject)
    assert not mtls.has_subject(certificate, "CN=tpp")
    assert not mtls.has_subject(certificate, "CN=tpp,O=Test")
    assert not mtls.has_subject(certificate, "")
    assert not mtls.has_subject(certificate, "nonsense")
