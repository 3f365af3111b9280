"""What the demo says to the person who started it: numbered steps, facts below them."""

import os
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from deploy.local.https_client import Exchange

WIDTH = 100
MOST_LINES = 4
MOST_MEMBERS = 14
BOLD, DIM, GREEN, RED, PLAIN = "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[0m"


class Terminal:
    """Counts the steps; colours only where a person is likely to see them."""

    def __init__(self) -> None:
        self._colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._count = 0

    def heading(self, text: str) -> None:
        print(f"\n{self._in(BOLD, text)}\n", flush=True)

    def say(self, text: str = "") -> None:
        print(text, flush=True)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Show the step at once and its seconds when it is done."""
        self._count += 1
        print(f"{self._count:3}. {what} ...", end="", flush=True)
        began = time.monotonic()
        try:
            yield
        except BaseException:
            print(self._in(RED, " failed"), flush=True)
            raise
        print(self._in(DIM, f" {time.monotonic() - began:.1f} s"), flush=True)

    def event(self, what: str) -> None:
        """A step of the journey, which has nothing to wait for."""
        self._count += 1
        print(f"{self._count:3}. {self._in(BOLD, what)}", flush=True)

    def held(self, sentence: str) -> None:
        print(f"       {self._in(GREEN, 'held')}  {sentence}", flush=True)

    def failed(self, sentence: str) -> None:
        print(f"       {self._in(RED, 'FAILED')}  {sentence}", flush=True)

    def exchange(self, exchange: Exchange) -> None:
        """One request and its answer, under a step of its own."""
        self.event(exchange.what)
        self.fact(exchange.method, exchange.url)
        shown = f"the certificate of {exchange.certificate}" if exchange.certificate else "nothing"
        self.fact("shown", f"{shown}; x-fapi-interaction-id {exchange.interaction_id}")
        if exchange.sent:
            self.fact("sent", exchange.sent)
        if exchange.inside:
            self.fact("signed", exchange.inside)
        self.fact(str(exchange.status), exchange.answer)

    def fact(self, name: str, content: Any) -> None:
        for index, line in enumerate(_lines(content)):
            label = name if index == 0 else ""
            print(f"       {self._in(DIM, f'{label:<9}')}{line}", flush=True)

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{PLAIN}" if self._colours else text


def _lines(content: Any) -> list[str]:
    """Return a line for each member, or for the whole; long ones go on for a little."""
    if not isinstance(content, Mapping):
        return _wrapped(_flat(content))
    members = [f"{name}: {_flat(value)}" for name, value in content.items()]
    if len(members) > MOST_MEMBERS:
        members[MOST_MEMBERS:] = [f"... and {len(members) - MOST_MEMBERS} more"]
    return [line for member in members for line in _wrapped(member)] or ["{}"]


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_flat(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flat(one) for one in value) + "]"
    return " ".join(str(value).split())


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        subsequent_indent="  ",
        max_lines=MOST_LINES,
        placeholder=" ...",
        break_on_hyphens=False,
    ) or [""]
