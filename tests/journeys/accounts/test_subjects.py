"""A pairwise subject says nothing about a person to anybody else (OpenID Connect Core, 8.1)."""

import re

import pytest

from authserver.accounts.subjects import subject
from authserver.ecosystems.models import Ecosystem
from tests.support import world

requirement = pytest.mark.requirement


@requirement("OIDCC-8.1")
def test_two_participants_see_two_subjects(yusuf, openfinance, tpp, other_tpp):
    ours = subject(yusuf, ecosystem=openfinance, client=tpp.client)
    theirs = subject(yusuf, ecosystem=openfinance, client=other_tpp.client)

    assert ours != theirs
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", ours)


@requirement("OIDCC-8.1")
def test_two_clients_of_a_participant_see_one(yusuf, openfinance, tpp):
    sibling = world.client("sibling", participant=tpp.client.participant)

    assert subject(yusuf, ecosystem=openfinance, client=tpp.client) == subject(
        yusuf, ecosystem=openfinance, client=sibling
    )


@requirement("OIDCC-8")
@pytest.mark.parametrize("kind", ["pairwise", "public"])
def test_no_subject_is_the_same_in_two_ecosystems(yusuf, openfinance, uae, tpp, kind):
    Ecosystem.objects.update(subject_type=kind)
    openfinance.refresh_from_db()
    uae.refresh_from_db()

    assert subject(yusuf, ecosystem=openfinance, client=tpp.client) != subject(
        yusuf, ecosystem=uae, client=tpp.client
    )


@requirement("OIDCC-8")
def test_a_public_subject_is_one_for_all_participants(yusuf, openfinance, tpp, other_tpp):
    openfinance.subject_type = "public"

    assert subject(yusuf, ecosystem=openfinance, client=tpp.client) == subject(
        yusuf, ecosystem=openfinance, client=other_tpp.client
    )


@requirement("OIDCC-8")
def test_a_subject_outlives_a_new_name(yusuf, openfinance, tpp):
    before = subject(yusuf, ecosystem=openfinance, client=tpp.client)
    yusuf.username, yusuf.email = "renamed", "new@example.com"
    yusuf.save()

    assert subject(yusuf, ecosystem=openfinance, client=tpp.client) == before


def test_two_people_have_two_subjects(yusuf, mariam, openfinance, tpp):
    assert subject(yusuf, ecosystem=openfinance, client=tpp.client) != subject(
        mariam, ecosystem=openfinance, client=tpp.client
    )
