"""How large authorization_details may be: as large in a signed request as in a plain one."""

import json
from typing import Any

import pytest
from django.utils import timezone

from authserver.keys import actions as keys
from authserver.protocol import jose
from tests.support import details
from tests.support.assertions import nothing_stored, refused
from tests.support.details import changed

requirement = pytest.mark.requirement

LIMIT = 65_536  # octets
MOST_SEALED = 60_000  # characters of what the UAE's standard lets travel encrypted
TOO_LARGE = "authorization_details is too large"


def octets(detail):
    written = json.dumps(detail, ensure_ascii=False, separators=(",", ":"))
    return len(written.encode())


def of_size(size):
    """Different details whose objects have so many octets together, in some letters of two."""
    found: list[dict[str, Any]] = []
    left = size
    now = timezone.now()
    while left:
        number = f"{len(found):03d}"
        detail = details.account_information(now=now, purpose=number)
        room = min(left - octets(detail), 150)
        if 0 < left - octets(detail) - room < 500:
            room = (left - octets(detail)) // 2 - 150  # the last one needs some, too
        arabic = room // 2 if len(found) < 5 else 0
        detail["purpose"] += "\u0646" * arabic + "x" * (room - 2 * arabic)
        found.append(detail)
        left -= octets(detail)
    return found


def plain(tpp, asked):
    return tpp.push(authorization_details=json.dumps(asked, ensure_ascii=False))


def with_spaces(tpp, asked):
    return tpp.push(authorization_details=json.dumps(asked, ensure_ascii=False, indent=2))


def signed(tpp, asked):
    return tpp.push_signed(authorization_details=asked)


def encrypted(tpp, asked):
    key = keys.create(tpp.ecosystem, algorithm="RSA-OAEP-256", by="operator")
    keys.activate(key, by="operator")
    token = tpp.request_object(authorization_details=asked)
    sent = jose.encrypt_nested(token, jwk=key.public_jwk)
    return tpp.post("/par", {"request": sent} | tpp.authentication())


@pytest.fixture(params=[plain, with_spaces, signed, encrypted], ids=lambda way: way.__name__)
def push(request):
    return request.param


@requirement("RAR-5", "JAR-4")
def test_at_the_limit_they_are_taken_and_one_octet_more_is_refused_by_their_code(tpp, push):
    most, more = of_size(LIMIT), of_size(LIMIT + 1)
    assert [sum(map(octets, each)) for each in (most, more)] == [LIMIT, LIMIT + 1]

    with nothing_stored():
        answer = push(tpp, more)
        refused(answer, "invalid_authorization_details")
        assert answer.json()["error_description"].startswith(TOO_LARGE)
    assert push(tpp, most).status_code == 201


@requirement("RAR-5", "CBUAE-2.1.5")
@pytest.mark.parametrize("way", [signed, encrypted])
def test_the_largest_that_a_standard_lets_travel_encrypted_arrives(uae_tpp, way):
    detail = details.single_payment(now=timezone.now())
    member = "consent.PersonalIdentifiableInformation"
    head = details.SEALED.rpartition(".")[0]
    uae_tpp.ecosystem.authorization_details_types.append(detail["type"])
    uae_tpp.ecosystem.save()
    sealed = head + "." + "d" * (MOST_SEALED - len(head) - 1)

    with nothing_stored():
        refused(
            way(uae_tpp, [changed(detail, member, sealed + "d")]),
            "invalid_authorization_details",
        )
    assert way(uae_tpp, [changed(detail, member, sealed)]).status_code == 201


@requirement("JAR-6.2")
def test_a_longer_request_object_is_called_too_long(tpp):
    """Whatever it is that makes it long; what no body may have is 413."""
    with nothing_stored():
        answer = tpp.push_signed(unknown="x" * 80_000)
        refused(answer, "invalid_request_object")
        assert answer.json()["error_description"].startswith("the request object is too long")
        refused(tpp.push_signed(unknown="x" * 100_000), "invalid_request", status=413)
    assert tpp.push_signed(unknown="x" * 70_000).status_code == 201
