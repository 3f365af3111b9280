"""FFI-17: addresses that a client may call from, in addition to everything else."""

import pytest

from tests.support.assertions import not_identified, nothing_stored

case = pytest.mark.case
requirement = pytest.mark.requirement


@pytest.fixture
def at_home(openfinance, bank, make_tpp):
    return make_tpp("home", openfinance, allowed_addresses=["192.0.2.0/24", "2001:db8::7"])


def from_(address):
    return {"X-Real-IP": address}


@requirement("FFI-17")
@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8:0::7", "::ffff:192.0.2.9"])
def test_it_may_call_from_its_own_addresses(at_home, endpoint, address):
    assert endpoint.serves(at_home, headers=from_(address))


@requirement("FFI-17")
@pytest.mark.parametrize(
    "address", ["192.0.3.1", "2001:db8::8", "::192.0.2.9", "nonsense", "192.0.2.1, 10.0.0.1", ""]
)
def test_it_may_call_from_nowhere_else(at_home, endpoint, address):
    with nothing_stored():
        not_identified(endpoint.call(at_home, headers=from_(address)))


@requirement("FFI-17")
def test_the_right_address_is_no_credential(at_home, endpoint):
    not_identified(endpoint.call(at_home, authentication={}, headers=from_("192.0.2.1")))
    not_identified(
        endpoint.call(at_home, authentication={"client_id": "home"}, headers=from_("192.0.2.1"))
    )


@requirement("FFI-17")
def test_what_is_no_network_allows_nobody(openfinance, bank, make_tpp, endpoint):
    broken = make_tpp("broken", openfinance, allowed_addresses=["anywhere"])

    not_identified(endpoint.call(broken, headers=from_("192.0.2.1")))


@case("HT-10")
def test_without_the_proxy_the_header_says_nothing(at_home, endpoint, settings):
    settings.TRUSTED_PROXY = ""

    not_identified(endpoint.call(at_home, headers=from_("192.0.2.1")))


@requirement("FFI-17")
def test_a_client_without_a_list_may_call_from_anywhere(tpp, endpoint):
    assert endpoint.serves(tpp, headers=from_("198.51.100.9"))
