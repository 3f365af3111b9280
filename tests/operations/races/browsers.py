"""A browser that races against others at the sign-in pages."""

import re
from typing import Any

import httpx

from tests.support.live_server import NO_TLS

RACERS = 4  # as many as may try in five minutes

FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """Keeps cookies that are for https alone; this test speaks http, as the proxy does."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies: dict[str, str] = {}

    def send(self, method: str, path: str, **form: str) -> Any:
        headers = {
            "Host": "as.example.com",
            "X-Forwarded-Proto": "https",
            "Origin": "https://as.example.com",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        response = httpx.request(
            method,
            self.url + path,
            data=form or None,
            headers=headers,
            timeout=30,
            verify=NO_TLS,
        )
        for line in response.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response

    def token(self, path: str) -> str:
        found = FIELD.search(self.send("GET", path).text)
        assert found
        return found[1]
