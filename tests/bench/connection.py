"""A connection that is kept open and speaks HTTP/1.1 with as little work of its own as it can."""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
CLOSING = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
PATIENCE = 60  # seconds
IDLE = 2  # seconds: whoever waited for so long connects anew


@dataclass(frozen=True, slots=True)
class Answer:
    """As it came; read when nobody waits for it."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """Empty where it has none of that name."""
        values = self.headers(name)
        return values[0] if values else ""

    def headers(self, name: str) -> list[str]:
        lines = (line.partition(":") for line in self.head.decode("latin-1").split("\r\n")[1:])
        return [value.strip() for each, _, value in lines if each.lower() == name]


def request(
    method: str,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """What goes over the wire. The host of ``url`` is only named: every server is on loopback."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    body = b""
    if form is not None:
        body = urlencode(form).encode()
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass
class Connection(asyncio.Protocol):
    """Sends one request at a time; ``took`` has the seconds of each answer since it was emptied."""

    port: int
    took: list[float] = field(default_factory=list)
    _transport: asyncio.Transport | None = None
    _received: bytearray = field(default_factory=bytearray)
    _waiting: "asyncio.Future[Answer] | None" = None
    _last: float = 0.0

    async def send(self, octets: bytes) -> Answer:
        """Return the answer, or raise OSError; connects where that is not done."""
        began = time.perf_counter()
        gone = self._transport is None or self._transport.is_closing()
        if gone or began - self._last > IDLE:
            await self.open()
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(octets)
        answer = await asyncio.wait_for(self._waiting, PATIENCE)
        self._last = time.perf_counter()
        self.took.append(self._last - began)
        if CLOSING.search(answer.head):
            self.close()
        return answer

    async def open(self) -> None:
        """Connect anew: a server may be about to hang up on a connection that was idle."""
        self.close()
        self._received.clear()
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, "127.0.0.1", self.port)
        self._last = time.perf_counter()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionResetError("hung up without an answer"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        answer = read(bytes(self._received))
        if answer is not None and self._waiting is not None:
            self._received.clear()
            self._waiting.set_result(answer)


def read(octets: bytes) -> Answer | None:
    """The answer in these octets, or None while some of it is missing."""
    head, end, rest = octets.partition(b"\r\n\r\n")
    if not end:
        return None
    status = int(head[9:12])
    length = LENGTH.search(head)
    if CHUNKED.search(head):
        if not rest.endswith(b"0\r\n\r\n"):
            return None
        return Answer(status, head, _joined(rest))
    whole = int(length[1]) if length else 0
    return Answer(status, head, rest[:whole]) if len(rest) >= whole else None


def _joined(chunks: bytes) -> bytes:
    body = bytearray()
    while chunks:
        size, _, chunks = chunks.partition(b"\r\n")
        body += chunks[: int(size, 16)]
        chunks = chunks[int(size, 16) + 2 :]
    return bytes(body)
