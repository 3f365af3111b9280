"""A document: bytes that are the same for everybody, and that everybody may keep for a while."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags

from authserver.protocol.requirements import requirement


@dataclass(frozen=True, slots=True)
class Document:
    """``headers`` go with it, and with the answer that it has not changed."""

    body: bytes
    headers: dict[str, str]

    @classmethod
    def made_of(cls, body: bytes, *, content_type: str, seconds: int, for_any_site: bool) -> Self:
        """A document to be kept for so many seconds, and read by scripts of any site or of ours."""
        tag = urlsafe_b64encode(hashlib.sha256(body).digest()[:18]).decode()
        headers = {
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
            "ETag": f'"{tag}"',
            "Cache-Control": f"public, max-age={seconds}",
        }
        if for_any_site:
            headers["Access-Control-Allow-Origin"] = "*"
        return cls(body, headers)


@requirement("RFC9110-13.1.2")
def answer(request: HttpRequest, document: Document) -> HttpResponse:
    """The document, or 304 to whoever has it already.

    Tags are compared weakly, as ``If-None-Match`` wants it: a proxy that compresses weakens them.
    """
    known = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    tag = document.headers["ETag"]
    if known and (known == ["*"] or tag in (each.removeprefix("W/") for each in known)):
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers=document.headers)
    return HttpResponse(document.body, headers=document.headers)
