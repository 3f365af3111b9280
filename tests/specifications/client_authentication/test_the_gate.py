"""What the gate promises to the endpoints behind it."""

import pytest
from django.utils import timezone

from authserver.protocol.errors import InvalidClient, UseDPoPNonce
from authserver.replay.models import UsedProof
from clients.authentication import authenticate
from tests.specifications.client_authentication.presented import registered, request_of

requirement = pytest.mark.requirement


@requirement("FAPI2-SP-FINAL-5.3.2.1-6")
def test_the_client_comes_with_its_participant_and_ecosystem(tpp, django_assert_num_queries):
    for statements in (2, 1):  # the client with all it depends on, once; its jti
        http, ecosystem = request_of(tpp), registered(tpp)

        with django_assert_num_queries(statements):
            client = authenticate(http, ecosystem, now=timezone.now())

        with django_assert_num_queries(0):
            assert client.ecosystem is client.participant.ecosystem is ecosystem
            assert client.is_allowed_in


@requirement("DPOP-8")
def test_asking_for_a_nonce_uses_nothing_up(tpp):
    http = request_of(tpp)
    asked = []

    def first_time(client):
        asked.append(client.client_id)
        if len(asked) == 1:
            raise UseDPoPNonce("nonce")

    with pytest.raises(UseDPoPNonce):
        authenticate(http, registered(tpp), now=timezone.now(), before_consuming=first_time)
    assert UsedProof.objects.count() == 0

    assert authenticate(http, registered(tpp), now=timezone.now(), before_consuming=first_time)
    with pytest.raises(InvalidClient):
        authenticate(http, registered(tpp), now=timezone.now(), before_consuming=first_time)
    assert asked == ["tpp"] * 3


@requirement("DPOP-8")
def test_a_stranger_is_not_asked_for_a_nonce(tpp, other_tpp):
    http = request_of(tpp, form=tpp.authentication(aud="https://evil.example"))

    def never(client):
        raise AssertionError

    with pytest.raises(InvalidClient):
        authenticate(http, registered(tpp), now=timezone.now(), before_consuming=never)


@requirement("FAPI2-SP-FINAL-5.3.2.1-6")
def test_the_reason_is_kept_for_the_operator(tpp):
    tpp.client.state = "suspended"
    tpp.client.save()

    with pytest.raises(InvalidClient) as refusal:
        authenticate(request_of(tpp), registered(tpp), now=timezone.now())

    assert "not active" in refusal.value.seen
    assert refusal.value.public_description == "client authentication failed"
