"""A client that publishes its keys, and the host where it does."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.utils import timezone

from authserver import outbound
from authserver.outbound import Fetched, OutboundError
from clients.models import Client, ClientKeySet
from tests.support import world


@dataclass
class Host:
    """Where clients publish their keys; it answers what a test wants, and keeps who was asked."""

    answer: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    meanwhile: Any = None

    def fetch_json(self, url, *, max_bytes=65_536, headers=None):
        self.asked.append(url)
        if self.meanwhile is not None:
            self.meanwhile()
        if isinstance(self.answer, OutboundError):
            raise self.answer
        return Fetched(status=200, json=self.answer, headers=self.headers)

    def publishes(self, *keys):
        self.answer = {"keys": [key.as_dict(private=False) for key in keys]}

    def is_down(self):
        self.answer = OutboundError("no connection")


@pytest.fixture
def host(monkeypatch):
    made = Host()
    made.publishes(world.rsa_key("tpp"))
    monkeypatch.setattr(outbound, "fetch_json", made.fetch_json)
    return made


@pytest.fixture
def by_uri(tpp):
    """A client whose keys were never fetched yet."""
    Client.objects.filter(pk=tpp.client.pk).update(
        client_jwks=None, client_jwks_uri="https://tpp.example.com/jwks.json"
    )
    ClientKeySet.objects.all().delete()
    return tpp


@pytest.fixture
def loaded(by_uri):
    """The client as it is in the database at this moment."""
    return lambda: Client.objects.select_related("participant__ecosystem", "key_set").get(
        pk=by_uri.client.pk
    )


@pytest.fixture
def now():
    return timezone.now()
