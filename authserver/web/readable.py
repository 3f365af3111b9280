"""The one gate for what a request consists of: bounded, whole, and text that can be stored."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from authserver.protocol.requirements import case
from authserver.web import pages

log = structlog.get_logger("authserver.web.readable")
Handler = Callable[[HttpRequest], HttpResponseBase]

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
# In a header or path it stands as it is or behind a percent sign; in a cookie behind a backslash.
NUL_IN_A_COOKIE = "\\000"


class NotReadable(Exception):
    """Says which part of a request, and never what stands in it."""

    status = HTTPStatus.BAD_REQUEST


class TooLarge(NotReadable):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class Readable:
    """Refuse what no view may meet, and read the body before anybody answers.

    A body that was left unread would stand in front of the connection's next request.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    @case("ER-01", "HT-04")
    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            _read_the_body(request)
            if part := _part_with_nul(request):
                raise NotReadable(f"a NUL character in the {part}")
        except NotReadable as fault:
            log.warning("request.unreadable", fault=str(fault))
            return refuse(request, fault)
        return self.get_response(request)


def refuse(request: HttpRequest, fault: NotReadable) -> HttpResponse:
    return pages.unreadable(request, fault.status, sentence=str(fault))


@case("HT-04", "HT-01")
def _read_the_body(request: HttpRequest) -> None:
    """Keep the body, also one that came in chunks; raise NotReadable for one that is none."""
    meta, most = request.META, settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    declared = str(meta.get("CONTENT_LENGTH") or "")
    if declared:
        if not (declared.isascii() and declared.isdigit()):
            raise NotReadable("the length of the body is no number")
        if int(declared[:20]) > most:
            raise TooLarge("the body is too large")
        if declared.strip("0"):
            _kept(request)
    elif meta.get("wsgi.input_terminated") and meta.get("HTTP_TRANSFER_ENCODING"):
        # The server takes the chunks apart, and ends what it hands on where the body ends.
        try:
            body = meta["wsgi.input"].read(most + 1)
        except Exception as fault:
            raise NotReadable("the body cannot be read") from fault
        if len(body) > most:
            raise TooLarge("the body is too large")
        meta["CONTENT_LENGTH"] = str(len(body))
        request._body = body


def _kept(request: HttpRequest) -> None:
    try:
        _ = request.body
    except RequestDataTooBig as fault:
        raise TooLarge("the body is too large") from fault
    except Exception as fault:
        raise NotReadable("the body cannot be read") from fault


@case("ER-01")
def _part_with_nul(request: HttpRequest) -> str:
    """The first part with one, of what a view may look up in the database; empty where none has.

    Behind percent signs, NUL is spelt in one way alone.
    """
    meta: dict[str, Any] = request.META
    if "\x00" in request.path_info:
        return "path"
    if _has_nul(meta.get("QUERY_STRING", "")):
        return "query"
    sent = [str(value) for name, value in meta.items() if name.startswith(("HTTP_", "CONTENT_"))]
    if "\x00" in "".join(sent):
        return "header"
    cookies = request.COOKIES if NUL_IN_A_COOKIE in meta.get("HTTP_COOKIE", "") else {}
    if "\x00" in "".join(cookies.values()):
        return "cookie"
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if request.content_type == FORM and charset == "utf-8":  # Django takes no other
        return "body" if b"\x00" in request.body or b"%00" in request.body else ""
    if request.content_type == MULTIPART:
        return "body" if any("\x00" in text for text in _of_the_parts(request)) else ""
    return ""


def _has_nul(escaped: str) -> bool:
    return "\x00" in escaped or "%00" in escaped


def _of_the_parts(request: HttpRequest) -> Iterator[str]:
    try:
        sent = [*request.POST.lists()]
    except (BadRequest, SuspiciousOperation) as fault:
        raise NotReadable("the body cannot be read") from fault
    for name, values in sent:
        yield name
        yield from map(str, values)
