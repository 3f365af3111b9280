"""The one way from a page to the next."""

from http import HTTPStatus

from django.http import HttpResponse


class SeeOther(HttpResponse):
    """A 303: whatever came before, the next request is a GET; never a 307 (RFC9700-4.12)."""

    status_code = HTTPStatus.SEE_OTHER

    def __init__(self, url: str) -> None:
        super().__init__(headers={"Location": url})

    @property
    def url(self) -> str:
        return self["Location"]
