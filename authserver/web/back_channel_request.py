"""What a machine sent us, read once at the door and not yet trusted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, unquote_to_bytes

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, RawPostDataException, UnreadablePostError

from authserver.protocol.errors import ContentTooLarge, InvalidRequest, UnsupportedMediaType
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.request_url import normalised, path_as_sent
from authserver.web import trusted_proxy
from authserver.web.client_certificate import presented_certificate

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 60
UNREADABLE = (
    RequestDataTooBig,
    UnreadablePostError,
    RawPostDataException,  # a second try
    ValueError,  # more fields than anybody needs, or not UTF-8
)
BEYOND_ASCII = re.compile(rb"[\x80-\xff]|%[89a-fA-F]")
PLAIN = re.compile(r"(?:/[A-Za-z0-9_-]+)+")  # nothing in it could be written otherwise
Fields = Mapping[str, list[str]]
MAY_REPEAT = frozenset({"resource", "audience"})  # RFC8707-2: more than one resource


@dataclass(frozen=True, slots=True, kw_only=True)
class BackChannelRequest:
    """A form post of a machine.

    ``urls`` are the names under which we publish the endpoint (its ordinary URL and its mTLS
    alias); ``certificate`` is the DER of the certificate that the TLS layer saw, proof of a key
    and of nothing else; ``authorization`` is the Authorization header.
    """

    method: str
    urls: tuple[str, ...]
    form: Mapping[str, str]
    repeated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    certificate: bytes | None = None
    dpop_proof: str | None = None
    authorization: str | None = None
    accept: str = ""
    interaction_id: str = ""
    client_address: str = ""

    @classmethod
    @requirement("RFC6749-3.2", "PAR-2.1")
    def read(cls, request: HttpRequest, *, urls: tuple[str, ...]) -> Self:
        """Read a form post without losing anything that a check may need to refuse."""
        meta = request.META
        if request.content_type != FORM or meta.get("HTTP_CONTENT_ENCODING"):
            raise UnsupportedMediaType("the body must be form-encoded")
        if (request.content_params or {}).get("charset", "utf-8").lower() != "utf-8":
            raise UnsupportedMediaType("the body must be UTF-8")
        if meta.get("QUERY_STRING"):
            raise InvalidRequest("parameters must be in the body, not in the URL")

        sent = _fields(request)
        form = {name: values[0] for name, values in sent.items() if values[0]}
        return cls(
            method="POST",
            urls=called(request, urls),
            form=form,
            repeated={
                name: tuple(value for value in values if value)  # RFC6749-3.1: as if not sent
                for name, values in sent.items()
                if name in MAY_REPEAT
            },
            certificate=presented_certificate(request),
            dpop_proof=meta.get("HTTP_DPOP"),
            authorization=meta.get("HTTP_AUTHORIZATION"),
            accept=meta.get("HTTP_ACCEPT", "")[:200],
            interaction_id=getattr(request, "interaction_id", ""),
            client_address=trusted_proxy.client_address(request),
        )


@requirement("DPOP-4.3", "RFC3986-6.2.2")
def called(request: HttpRequest, urls: tuple[str, ...]) -> tuple[str, ...]:
    """The published URLs of what was called; none if it was called by a path that is none of them.

    Django decodes the path before it chooses the view, and an escaped slash then is a slash. Our
    own paths have nothing in them that needs an escape, so what was sent says the same as what
    was decoded. Without a target from the server, the view is all that is known of it.
    """
    if "RAW_URI" not in request.META and "REQUEST_URI" not in request.META:
        return urls
    sent = path_as_sent(request.META) or ""
    if sent == request.path and PLAIN.fullmatch(sent):
        return urls
    target = normalised(f"https://any{sent}", as_sent=True)
    return urls if target is not None and target[-1] == request.path else ()


def form_of(request: HttpRequest) -> Mapping[str, str]:
    """What the form says, before any of it is checked; nothing where it cannot be read."""
    if request.content_type != FORM:
        return {}
    try:
        return {name: values[-1] for name, values in _parsed(request).items()}
    except UNREADABLE:
        return {}


def _fields(request: HttpRequest) -> Fields:
    try:
        sent = _parsed(request)
    except RequestDataTooBig:
        raise ContentTooLarge("the body is too large") from None
    except UnicodeDecodeError:
        raise InvalidRequest("the body is not UTF-8") from None
    except UNREADABLE as error:
        raise InvalidRequest("the body cannot be read", seen=type(error).__name__) from None
    if len(sent) > MAX_FIELDS:
        raise InvalidRequest("the body has too many parameters")
    for name, values in sent.items():
        if len(values) > 1 and name not in MAY_REPEAT:
            raise InvalidRequest("a parameter was sent more than once")
    return sent


def _parsed(request: HttpRequest) -> Fields:
    """The fields of the body, read once for a request; raises one of UNREADABLE."""
    before: Fields | None = getattr(request, "fields", None)
    if before is not None:
        return before
    raw = request.body
    if BEYOND_ASCII.search(raw):
        unquote_to_bytes(raw).decode("utf-8")  # else a broken one would be replaced
    sent: dict[str, list[str]] = {}
    most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    for name, value in parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=most):
        sent.setdefault(name, []).append(value)
    request.fields = sent  # type: ignore[attr-defined]
    return sent
