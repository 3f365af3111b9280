"""RFC 8705, 2.1.2: one registered alternative name, found among those of its kind. Case MT-17."""

from ipaddress import ip_address

import pytest
from cryptography import x509

from authserver.protocol.specs import mtls
from tests.support import certificates

case = pytest.mark.case
requirement = pytest.mark.requirement


def named(*names):
    return mtls.parse_der(
        certificates.issue("tpp.example.com", by=certificates.issuing(), names=names).der
    )


def matches(certificate, **registered):
    [(kind, name)] = registered.items()
    return mtls.has_alternative_name(certificate, kind=kind, registered=name)


ALL_KINDS = (
    x509.DNSName("other.example.com"),
    x509.DNSName("TPP.example.com"),
    x509.UniformResourceIdentifier("https://tpp.example.com/a"),
    x509.IPAddress(ip_address("192.0.2.7")),
    x509.IPAddress(ip_address("2001:db8::7")),
    x509.RFC822Name("Ops@TPP.example.com"),
)


@case("MT-17")
@requirement("MTLS-2.1.2")
@pytest.mark.parametrize(
    "registered",
    [
        {"dns": "tpp.example.com"},
        {"dns": "other.example.com"},
        {"uri": "https://tpp.example.com/a"},
        {"ip": "192.0.2.7"},
        {"ip": "2001:db8:0::7"},
        {"email": "Ops@tpp.example.com"},
    ],
    ids=str,
)
def test_the_registered_name_may_be_any_of_its_kind(registered):
    assert matches(named(*ALL_KINDS), **registered)


@case("MT-17")
@requirement("MTLS-2.1.2")
@pytest.mark.parametrize(
    "registered",
    [
        {"dns": "example.com"},
        {"dns": "*.example.com"},
        {"dns": "tpp.example.com."},
        {"dns": ""},
        {"dns": "192.0.2.8"},
        {"dns": "tpp.example.com\n"},
        {"dns": "t\u00f6pp.example.com"},
        {"uri": "https://tpp.example.com/A"},
        {"uri": "https://tpp.example.com/a/"},
        {"uri": "https://TPP.example.com/a"},
        {"uri": ""},
        {"ip": "192.0.2.8"},
        {"ip": "192.0.2.07"},
        {"ip": "::ffff:192.0.2.7"},
        {"ip": "tpp.example.com"},
        {"email": "ops@tpp.example.com"},
        {"email": "Ops@example.com"},
        {"email": "tpp.example.com"},
    ],
    ids=str,
)
def test_another_name_does_not_match(registered):
    assert not matches(named(*ALL_KINDS), **registered)


@case("MT-17")
@pytest.mark.parametrize(
    ("present", "registered"),
    [
        pytest.param(x509.DNSName("*.example.com"), {"dns": "tpp.example.com"}, id="a wildcard"),
        pytest.param(x509.DNSName("*.example.com"), {"dns": "*.example.com"}, id="the same"),
        pytest.param(x509.DNSName("tpp.example.com."), {"dns": "tpp.example.com"}, id="a dot"),
        pytest.param(x509.DNSName("192.0.2.7"), {"ip": "192.0.2.7"}, id="an address as DNS name"),
        pytest.param(
            x509.IPAddress(ip_address("192.0.2.7")), {"dns": "192.0.2.7"}, id="a name as address"
        ),
        pytest.param(
            x509.UniformResourceIdentifier("tpp.example.com"),
            {"dns": "tpp.example.com"},
            id="a DNS name as URI",
        ),
    ],
)
def test_only_the_registered_kind_counts(present, registered):
    assert not matches(named(present), **registered)


@case("MT-17")
def test_the_common_name_is_no_alternative_name():
    assert not matches(named(), dns="tpp.example.com")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("dns", "TPP.example.com"),
        ("dns", "t\u00f6pp.example.com"),
        ("dns", "*.example.com"),
        ("dns", "tpp.example.com."),
        ("dns", "-tpp.example.com"),
        ("ip", "192.0.2.0/24"),
        ("ip", "2001:DB8::7"),
        ("email", "nobody"),
        ("email", "@example.com"),
        ("email", "ops@Example.com"),
    ],
)
def test_a_name_is_registered_in_its_one_spelling(kind, text):
    assert mtls.why_not_an_alternative_name(text, kind=kind)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("dns", "xn--tpp-sna.example.com"),
        ("uri", "https://tpp.example.com/a"),
        ("ip", "2001:db8::7"),
        ("email", "Ops@example.com"),
    ],
)
def test_a_name_in_its_one_spelling_can_be_registered(kind, text):
    assert mtls.why_not_an_alternative_name(text, kind=kind) is None
