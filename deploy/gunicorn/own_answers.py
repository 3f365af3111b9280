"""What gunicorn answers itself, where a request never reaches the application; used by both fronts.

Its own answers would be HTML without our headers, and repeat the name of a header that was sent.
"""

import json
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import gunicorn.http.wsgi
import gunicorn.util
from django.conf import settings

from authserver.protocol.requirements import case

send: Callable[[Any, bytes], object] = gunicorn.util.write_nonblock


def install() -> None:
    """Put our answers in the place of gunicorn's, for this process and those that it forks."""
    vars(gunicorn.util)["write_error"] = write_error
    vars(gunicorn.http.wsgi)["SERVER"] = "authserver"  # not its name and version


@case("HT-15", "ER-04", "ER-06")
def write_error(connection: Any, status: int, reason: str, message: str) -> None:
    """Answer with our headers and a fixed sentence; ``message`` quotes the caller, and is dropped.

    What could not be parsed has no interaction id that could be repeated: it gets a new one.
    """
    send(connection, _answer(HTTPStatus(status)))


def _answer(status: HTTPStatus) -> bytes:
    from authserver.web.middleware import FOR_MACHINES, INTERACTION_ID, ON_EVERY_ANSWER
    from authserver.web.transport import strict_transport

    ours = status < HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.NOT_IMPLEMENTED
    error = "invalid_request" if ours else "server_error"
    body = json.dumps({"error": error, "error_description": status.phrase}).encode()
    headers = {
        "Server": "authserver",
        "Connection": "close",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        INTERACTION_ID: str(uuid.uuid4()),
        "Content-Security-Policy": FOR_MACHINES,
        **ON_EVERY_ANSWER,
        **strict_transport(),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n{head}\r\n".encode() + body


@case("HT-04")
def close_behind_what_is_not_read(worker: Any, request: Any) -> None:
    """gunicorn's ``pre_request``: a body that will not be read to its end ends the connection.

    Django reads no more than DATA_UPLOAD_MAX_MEMORY_SIZE octets. Else the answer would say that the
    connection goes on, and the caller's next request would meet its end.
    """
    largest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    declared = dict(request.headers).get("CONTENT-LENGTH", "")
    in_chunks = "TRANSFER-ENCODING" in dict(request.headers)
    if in_chunks or (declared.isdigit() and int(declared[:20]) > largest):
        request.force_close()
