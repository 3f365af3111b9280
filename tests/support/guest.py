"""A browser at the sign-in pages: fills in forms, and looks at the session behind it."""

from dataclasses import dataclass
from typing import Any

from django.contrib.sessions.models import Session
from django.test import Client as Http
from django.urls import reverse

from authserver.accounts import acr
from tests.support.authenticator_app import App

PASSWORD = "correct horse"


@dataclass
class Guest:
    http: Http

    def enters_password(
        self, username: str, password: str = PASSWORD, *, going_to: str = ""
    ) -> Any:
        form = {"login": username, "password": password}
        return self.http.post(
            reverse("account_login"), form | ({"next": going_to} if going_to else {})
        )

    def enters_code(self, code: str) -> Any:
        return self.http.post(reverse("mfa_authenticate"), {"code": code})

    def signs_in(self, username: str = "mariam", *, going_to: str = "") -> Any:
        """Both factors; returns the answer to the second."""
        assert self.enters_password(username, going_to=going_to).status_code == 303
        return self.enters_code(App().code())

    def opens(self, name: str, **query: str) -> Any:
        return self.http.get(reverse(name), query)

    @property
    def session_key(self) -> str:
        return str(self.http.session.session_key)

    @property
    def authentication(self) -> Any:
        """What the server thinks that this browser has proved."""
        request = self.http.get(reverse("account_signed_out")).wsgi_request
        return acr.of_request(request)


def session_exists(key: str | None) -> bool:
    return Session.objects.filter(session_key=key).exists()


def code_of_the_error(response):
    return [each.code for each in response.context["form"].non_field_errors().as_data()]
