"""The record of a refusal says where the call came from: as the connection or the proxy has it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from authserver.audit.models import Refusal
from authserver.endpoints.metadata import MACHINE_ENDPOINTS
from authserver.tokens.models import AuthorizationTransaction
from tests.support.clock import at
from tests.support.purging import purged

case = pytest.mark.case
HOME, PEER = "198.51.100.7", "203.0.113.9"
FORGED = {
    "X-Forwarded-For": "192.0.2.66",
    "Forwarded": "for=192.0.2.66",
    "X-Fapi-Customer-Ip-Address": "192.0.2.66",
    "Client-Ip": "192.0.2.66",
}
REFUSED = {"scope": "unknown", "grant_type": "none"}


@pytest.fixture(params=["/par", *MACHINE_ENDPOINTS.values()])
def call(request):
    """Ask as a known client for what nobody gets."""
    return lambda tpp, **sent: tpp.post(request.param, REFUSED | tpp.authentication(), **sent)


def kept():
    return Refusal.objects.get().address


@case("LO-05", "HT-10")
@pytest.mark.parametrize(
    ("named", "address"),
    [
        ({"X-Real-IP": HOME}, HOME),
        ({"X-Real-IP": HOME} | FORGED, HOME),
        ({"X-Real-IP": "2001:DB8:0::7"}, "2001:db8::7"),
        ({"X-Real-IP": "192.0.2.1, 10.0.0.1"}, ""),
        ({"X-Real-IP": "canary"}, ""),
        (FORGED, ""),
    ],
    ids=["named", "named, and forged", "IPv6", "two", "none", "only forged"],
)
def test_behind_the_proxy_it_is_the_one_that_the_proxy_names(tpp, call, named, address):
    assert call(tpp, **named).status_code == 400

    assert kept() == address


@case("LO-05", "HT-10")
@pytest.mark.parametrize("trusted", ["", "unix", "203.0.113.10"])
@pytest.mark.parametrize("named", [{}, {"X-Real-IP": HOME} | FORGED], ids=["plain", "forged"])
def test_of_anybody_else_it_is_the_connections(tpp, call, settings, trusted, named):
    settings.TRUSTED_PROXY = trusted
    tpp.http.defaults["REMOTE_ADDR"] = PEER

    call(tpp.with_certificate(None), **named)

    assert kept() == PEER


@case("LO-05")
def test_a_persons_end_has_the_address_of_the_browser(tpp, person):
    person.opens(tpp, tpp.push().json()["request_uri"])
    handle = AuthorizationTransaction.objects.get().handle
    person.browser.defaults["HTTP_X_REAL_IP"] = HOME

    with at(minutes=11):
        person.browser.get(f"/openfinance/authorize/{handle}")

    assert (Refusal.objects.get().endpoint, kept()) == ("/authorize", HOME)


@case("PR-33", "LO-05")
def test_it_goes_with_its_row(tpp, call):
    assert call(tpp, **{"X-Real-IP": HOME}).status_code == 400
    assert kept() == HOME
    Refusal.objects.update(at=timezone.now() - timedelta(days=31))

    assert purged(days=30)["audit_refusal"] == 1
    assert not Refusal.objects.filter(address=HOME).exists()
