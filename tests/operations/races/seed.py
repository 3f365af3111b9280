"""Fill a database for the race tests; run as a program, so that it has a process of its own.

Prints JSON: what the racers need to send (codes, refresh tokens, cookies, keys to sign with).
"""

import json
import sys
from datetime import timedelta
from typing import Any


def main() -> None:
    from authserver.loading import load_django

    load_django()
    from django.test import Client as Http
    from django.test.utils import setup_test_environment
    from django.utils import timezone

    from authserver.tokens.models import (
        AccessToken,
        AuthorizationCode,
        AuthorizationTransaction,
        PushedRequest,
    )
    from tests.support import certificates, world
    from tests.support.person import Person
    from tests.support.tpp import ThirdParty

    setup_test_environment()
    rounds = int(sys.argv[1])
    ecosystem = world.ecosystem("openfinance", profile="fapi2-security")
    bank = world.bank(ecosystem).client
    assert bank is not None
    owner = world.participant("Tpp", ecosystem=ecosystem)
    client = world.client("tpp", participant=owner)
    tpp = ThirdParty(client=client, http=Http(), certificate=certificates.transport("tpp"))
    person = Person(world.person("mariam", ecosystem), Http())
    person.sign_in()

    found: dict[str, Any] = {"certificate": certificates.transport("tpp").pem}
    found["refreshes"] = [_granted(tpp, person)["refresh_token"] for _ in range(rounds)]
    found["living"] = _granted(tpp, person)["refresh_token"]
    found["polled"] = _granted(tpp, person)
    found["blows"] = [
        {name: _granted(tpp, person)["refresh_token"] for name in ("stopped", "living")}
        for _ in range(3)
    ]
    world.client("goner", participant=owner)
    found["bank"] = bank.client_id
    found["keys"] = {
        each: world.rsa_key(each).as_dict(private=True) for each in ("tpp", "goner", bank.client_id)
    }
    found["decided"] = [_decided(tpp) for _ in range(rounds)]
    found["codes"] = [
        person.approves(tpp, tpp.push().json()["request_uri"])["code"] for _ in range(rounds)
    ]
    # The suite may come to them later than their minutes; their age is not what is raced here.
    later = timezone.now() + timedelta(hours=1)
    AuthorizationCode.objects.update(expires=later)
    AccessToken.objects.update(expires=later)
    PushedRequest.objects.update(expires_at=later)
    AuthorizationTransaction.objects.update(expires_at=later)
    sys.stdout.write(json.dumps(found))


def _granted(tpp: Any, person: Any) -> dict[str, Any]:
    """The token response of a whole flow."""
    code = person.approves(tpp, tpp.push().json()["request_uri"])["code"]
    return dict(tpp.redeem(code).json())


def _decided(tpp: Any) -> dict[str, Any]:
    """One request approved in four browsers, answered in none of them yet."""
    from authserver.tokens.models import AuthorizationTransaction

    request_uri = tpp.push(prompt="consent").json()["request_uri"]
    browsers = [_approve_without_answer(tpp, request_uri) for _ in range(4)]
    handles = AuthorizationTransaction.objects.order_by("-pk").values_list("handle", flat=True)
    return {"browsers": list(zip(handles[:4], browsers[::-1], strict=True))}


def _approve_without_answer(tpp: Any, request_uri: str) -> str:
    from django.test import Client as Http

    from authserver.accounts.models import User
    from tests.support.person import Person, decision_on

    person = Person(User.objects.get(username="mariam"), Http())
    person.sign_in()
    page = person.opens(tpp, request_uri)
    person.browser.post(page.request["PATH_INFO"], decision_on(page))
    return "; ".join(f"{name}={cookie.value}" for name, cookie in person.browser.cookies.items())


if __name__ == "__main__":
    main()
