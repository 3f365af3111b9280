"""One row of everything that can be alive, all of them alive and standing on each other."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import models

from authserver.accounts.models import Enrolment, User
from authserver.keys.models import SigningKey
from authserver.tokens.models import (
    AccessToken,
    AuthorizationTransaction,
    PushedRequest,
    RefreshToken,
)
from clients.models import Client, ClientCertificate
from consents.models import Consent
from tests.support import certificates


@dataclass
class Living:
    """The rows by their model, and the handles that were handed out for them."""

    tpp: Any
    person: Any
    bank: Any
    code: str
    access_token: str
    refresh_token: str
    request_uri: str
    rows: dict[type[models.Model], models.Model] = field(default_factory=dict)

    def row(self, model: type[models.Model], *related: str) -> Any:
        """The row as it is stored now, with these of the rows that it refers to."""
        return model._base_manager.select_related(*related).get(pk=self.rows[model].pk)

    def keys(self) -> dict[str, Any]:
        """Those of the rows that are locked when something is issued."""
        named = {"client": Client, "user": User, "consent": Consent}
        return {name: self.rows[model].pk for name, model in named.items()}


@pytest.fixture
def living(openfinance, ca, bank, tpp, person) -> Living:
    kept = ca.is_kept(openfinance)
    ca.publishes(certificates.transport("somebody"))
    assert ca.is_asked() == ""
    code = person.approves(tpp, tpp.push().json()["request_uri"])["code"]
    refresh_token = tpp.redeem(code).json()["refresh_token"]
    access_token = tpp.refresh(refresh_token).json()["access_token"]
    request_uri = tpp.push(prompt="consent").json()["request_uri"]
    person.opens(tpp, request_uri)
    token = AccessToken.objects.latest("pk")
    return Living(
        tpp=tpp,
        person=person,
        bank=bank,
        code=code,
        access_token=access_token,
        refresh_token=refresh_token,
        request_uri=request_uri,
        rows=by_model(
            (
                openfinance,
                kept,
                bank,
                tpp.client,
                tpp.client.participant,
                ClientCertificate.objects.get(client=tpp.client),
                person.user,
                Enrolment.objects.get(),
                SigningKey.objects.get(kid=token.signing_key),
                token.consent,
                token,
                RefreshToken.objects.get(),
                token.authorization_code,
                PushedRequest.objects.latest("pk"),
                AuthorizationTransaction.objects.latest("pk"),
            )
        ),
    )


def by_model(rows: Any) -> dict[type[models.Model], models.Model]:
    return {type(each): each for each in rows}
