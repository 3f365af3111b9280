"""What a machine sent us, read once at the door and not yet trusted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, RawPostDataException, UnreadablePostError

from authserver.protocol.errors import ContentTooLarge, InvalidRequest, UnsupportedMediaType
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.request_url import normalised, path_as_sent
from authserver.web import trusted_proxy
from authserver.web.client_certificate import presented_certificate

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 60
UNREADABLE = (
    BadRequest,
    SuspiciousOperation,
    RequestDataTooBig,
    UnreadablePostError,
    RawPostDataException,  # a second try
)
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
        if request.content_type != FORM or request.headers.get("Content-Encoding"):
            raise UnsupportedMediaType("the body must be form-encoded")
        if (request.content_params or {}).get("charset", "utf-8").lower() != "utf-8":
            raise UnsupportedMediaType("the body must be UTF-8")
        if request.META.get("QUERY_STRING"):
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
            dpop_proof=request.headers.get("DPoP"),
            authorization=request.headers.get("Authorization"),
            accept=request.headers.get("Accept", "")[:200],
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
    if not {"RAW_URI", "REQUEST_URI"} & set(request.META):
        return urls
    target = normalised(f"https://any{path_as_sent(request.META) or ''}", as_sent=True)
    return urls if target is not None and target[-1] == request.path else ()


def form_of(request: HttpRequest) -> Mapping[str, str]:
    """What the form says, before any of it is checked; nothing where it cannot be read."""
    if request.content_type != FORM:
        return {}
    try:
        return {name: str(value) for name, value in request.POST.items()}
    except UNREADABLE:
        return {}


def _fields(request: HttpRequest) -> dict[str, list[str]]:
    try:
        raw = request.body
        _require_utf8(raw)
        sent = {name: [str(value) for value in values] for name, values in request.POST.lists()}
    except RequestDataTooBig:
        raise ContentTooLarge("the body is too large") from None
    except UNREADABLE as error:
        raise InvalidRequest("the body cannot be read", seen=type(error).__name__) from None
    if len(sent) > MAX_FIELDS:
        raise InvalidRequest("the body has too many parameters")
    for name, values in sent.items():
        if len(values) > 1 and name not in MAY_REPEAT:
            raise InvalidRequest("a parameter was sent more than once")
    return sent


def _require_utf8(raw: bytes) -> None:
    """Django would put a replacement character in place of a broken one."""
    try:
        unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidRequest("the body is not UTF-8") from None
