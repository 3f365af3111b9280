"""A person's browser, as far as a journey needs one: redirects, cookies, and the forms of pages."""

import html
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

from tests.bench.connection import Answer, Connection, request
from tests.bench.refused import Refused
from tests.bench.seed import PASSWORD
from tests.bench.side import REDIRECT_URI, Side

FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
INPUT = re.compile(r"<(?:input|button)\b([^>]*)>")
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
RETURN = re.compile(r'<a\b([^>]*\bid="return-link"[^>]*)>')
# What a form must have to be the one that goes on, and not that of another language or a way out.
GOES_ON = ('name="password"', 'value="approve"', 'value="consent"')
LONGEST = 12  # pages and redirects of one journey
OK = 200


@dataclass
class Browser:
    """Signs in as ``person`` and agrees to everything; ``seen`` has every answer."""

    side: Side
    connection: Connection
    person: str
    at_once: bool = False  # without pages, where the server has a way past them
    cookies: dict[str, str] = field(default_factory=dict)
    seen: list[Answer] = field(default_factory=list)

    async def authorize(self, url: str) -> str:
        """Open the authorization URL, go through the pages; return the redirect to the client."""
        answer = await self._send("GET", url)
        for _ in range(LONGEST):
            location = answer.header("location")
            if location:
                url = urljoin(url, location)
                if url.startswith(REDIRECT_URI):
                    return url
                answer = await self._send("GET", url)
                continue
            page = answer.body.decode()
            if answer.status != OK:
                raise Refused(f"{self.side.name} shows a page of {answer.status}: {page[:300]!r}.")
            if link := RETURN.search(page):
                return html.unescape(dict(ATTRIBUTE.findall(link[1]))["href"])
            action, form = filled_in(page, self.person)
            url = urljoin(url, action)
            answer = await self._send("POST", url, form)
        raise Refused(f"A person at {self.side.name} never comes back to the client.")

    async def _send(self, method: str, url: str, form: dict[str, str] | None = None) -> Answer:
        headers = dict(self.side.front)
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            parts = urlsplit(url)
            headers["Origin"] = f"{parts.scheme}://{parts.netloc}"
        if self.at_once:
            headers["X-Person"] = self.person
        answer = await self.connection.send(request(method, url, form=form, headers=headers))
        for line in answer.headers("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        self.seen.append(answer)
        return answer


def filled_in(page: str, person: str) -> tuple[str, dict[str, str]]:
    """Where the page's form goes, empty for its own address, and what is sent."""
    for attributes, inside in FORM.findall(page):
        if any(each in inside for each in GOES_ON):
            fields = (dict(ATTRIBUTE.findall(each)) for each in INPUT.findall(inside))
            form = {
                each["name"]: html.unescape(each.get("value", ""))
                for each in fields
                if "name" in each and each.get("value") != "refuse"
            }
            typed = {"login": person, "password": PASSWORD}
            form |= {name: value for name, value in typed.items() if name in form}
            return html.unescape(dict(ATTRIBUTE.findall(attributes)).get("action", "")), form
    raise Refused(f"A page has no form that goes on: {page[:200]!r}.")


def parameters_of(redirect: str) -> dict[str, str]:
    """What the client is told by a redirect."""
    return dict(parse_qsl(urlsplit(redirect).query))
