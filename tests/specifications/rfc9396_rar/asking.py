"""Asking for authorization_details, and going the whole way with them."""

import json

from django.utils import timezone

from tests.support import details


def account(**changes):
    return details.account_information(now=timezone.now(), **changes)


def payment(**changes):
    return details.payment_initiation(now=timezone.now(), **changes)


def push(tpp, value, **changes):
    text = value if isinstance(value, str) else json.dumps(value)
    return tpp.push(authorization_details=text, **changes)


def flow(tpp, person, value):
    answer = person.approves(tpp, push(tpp, value).json()["request_uri"])
    response = tpp.redeem(answer["code"])
    assert response.status_code == 200, response.content
    return response.json()
