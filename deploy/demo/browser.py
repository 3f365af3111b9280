"""A browser without a screen: it follows redirects and links, and fills and sends forms."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urljoin, urlsplit

import httpx

from deploy.demo.page import Page

MOST_REDIRECTS = 10

Fields = Mapping[str, str | Sequence[str]]


class NotThere(Exception):
    """The page has no such link, button or field; the text names it and the page."""


class Browser:
    """Cookies, one current page, and ``visited``, told of every address and its status."""

    def __init__(
        self, http: httpx.Client, visited: Callable[[str, str, int], None] | None = None
    ) -> None:
        self.http = http
        self._visited = visited or (lambda *_: None)
        self.url = ""
        self.page = Page("")
        self.status = 0
        self._says_origin = True

    def open(self, url: str) -> None:
        self._go("GET", urljoin(self.url, url))

    def click(self, link_id: str) -> None:
        if link_id not in self.page.links:
            raise NotThere(f"no link {link_id} on {self.where()}")
        self.open(self.page.links[link_id])

    def press(self, button_id: str, fields: Fields | None = None) -> None:
        """Fill the form that owns the button, and send it."""
        button = self.page.buttons.get(button_id)
        if button is None:
            raise NotThere(f"no button {button_id} on {self.where()}")
        typed = dict(fields or {})
        if missing := typed.keys() - button.form.names:
            raise NotThere(f"no field {', '.join(sorted(missing))} on {self.where()}")
        content = [(name, value) for name, value in button.form.values if name not in typed]
        for name, value in typed.items():
            content += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        if button.name:
            content.append((button.name, button.value))
        self._send(
            button.form.method, urljoin(self.url, button.action or button.form.action), content
        )

    def wait_for_refresh(self) -> None:
        """Go where the page itself says that it will go next."""
        if not self.page.refresh:
            raise NotThere(f"no refresh on {self.where()}")
        self.open(self.page.refresh)

    def _send(self, method: str, url: str, content: Sequence[tuple[str, str]]) -> None:
        if method != "post":
            self._go("GET", str(httpx.URL(url, params=httpx.QueryParams(list(content)))))
            return
        parts = urlsplit(self.url)
        # As browsers do: a page under no-referrer hides its origin even from itself.
        origin = f"{parts.scheme}://{parts.netloc}" if self._says_origin else "null"
        headers = {"Origin": origin, "Content-Type": "application/x-www-form-urlencoded"}
        if self._says_origin:
            headers["Referer"] = self.url
        self._go("POST", url, body=str(httpx.QueryParams(list(content))), headers=headers)

    def _go(
        self, method: str, url: str, *, body: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        for _ in range(MOST_REDIRECTS):
            answer = self.http.request(
                method,
                url,
                content=body or None,
                headers={"Accept": "text/html", **(headers or {})},
            )
            self._visited(method, url, answer.status_code)
            if not answer.is_redirect:
                break
            method, url, body, headers = "GET", urljoin(url, answer.headers["location"]), "", None
        else:
            raise NotThere(f"too many redirects at {self.where()}")
        self.url, self.status = url, answer.status_code
        self.page = Page(answer.text)
        self._says_origin = answer.headers.get("referrer-policy", "") != "no-referrer"

    def where(self) -> str:
        """Name the page for a person who reads about it."""
        path = urlsplit(self.url).path
        return f"the page {self.page.title or path!r} ({path}, status {self.status})"
