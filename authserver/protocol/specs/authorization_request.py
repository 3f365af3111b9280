"""The authorization request: its parameters, typed and not yet judged (RFC 6749, 4.1.1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from authserver.protocol import strict_json
from authserver.protocol.errors import (
    InvalidAuthorizationDetails,
    InvalidRequest,
    InvalidRequestObject,
)
from authserver.protocol.requirements import requirement

LONGEST_DETAILS = 65_536  # octets of all objects, our choice: the largest of a known standard fits

STRINGS = (
    "response_type",
    "response_mode",
    "redirect_uri",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "acr_values",
    "prompt",
    "id_token_hint",
    "ui_locales",
    "dpop_jkt",
    "purpose",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """What a client asks for, whether it came as a form or in a signed request object.

    ``scope`` and ``prompt`` keep the order in which they were sent; ``resource`` holds URIs
    (RFC 8707); ``max_age`` is in seconds; ``authorization_details`` is None when absent, which
    is not the same as an empty list.
    """

    response_type: str | None = None
    response_mode: str | None = None
    redirect_uri: str | None = None
    scope: tuple[str, ...] = ()
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    authorization_details: tuple[Mapping[str, Any], ...] | None = None
    resource: tuple[str, ...] = ()
    acr_values: str | None = None
    max_age: int | None = None
    prompt: str | None = None
    id_token_hint: str | None = None
    ui_locales: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    dpop_jkt: str | None = None
    purpose: str | None = None

    @classmethod
    @requirement("RFC6749-3.1", "PAR-2.1", "JAR-4")
    def parse(cls, sent: Mapping[str, Any], *, signed: bool = False) -> Self:
        """Take the parameters we know from a form or from a request object's claims.

        A form carries numbers and objects as text; a request object, which is what ``signed``
        says, carries them as JSON, and a member of another type is its fault
        (InvalidRequestObject, not InvalidRequest). An empty value is an absent one. Unknown
        parameters are ignored.
        """
        given = Given(
            {name: value for name, value in sent.items() if value not in ("", None)}, signed=signed
        )
        return cls(
            **{name: given.string(name) for name in STRINGS},
            scope=tuple(dict.fromkeys((given.string("scope") or "").split())),
            authorization_details=given.details(),
            resource=given.strings("resource"),
            max_age=given.seconds("max_age"),
            claims=given.object("claims"),
        )

    def as_json(self) -> dict[str, Any]:
        """A form of the request that JSON can carry; ``from_json`` reads it back."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read it back; members that another version of this server stored are left out."""
        names = {each.name for each in fields(cls)}
        known = {name: value for name, value in stored.items() if name in names}
        details = known["authorization_details"]
        return cls(
            **{
                **known,
                "scope": tuple(known["scope"]),
                "resource": tuple(known["resource"]),
                "authorization_details": None if details is None else tuple(details),
            }
        )


@dataclass(frozen=True, slots=True)
class Given:
    """Parameters as they were sent, each asked for by the type that it must have."""

    parameters: Mapping[str, Any]
    signed: bool

    def string(self, name: str) -> str | None:
        value = self.parameters.get(name)
        if value is not None and not isinstance(value, str):
            raise self.fault(f"{name} must be a string")
        return value

    def strings(self, name: str) -> tuple[str, ...]:
        value = self.parameters.get(name, ())
        values = value if isinstance(value, list | tuple) else [value]
        if not all(isinstance(each, str) for each in values):
            raise self.fault(f"{name} must be a string or a list of strings")
        return tuple(dict.fromkeys(values))  # to ask twice is to ask once

    def seconds(self, name: str) -> int | None:
        """A request object may carry the number as text, too: some libraries write it so."""
        value = self.parameters.get(name)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
            value = int(value)
        if value is not None and (
            not isinstance(value, int) or isinstance(value, bool) or value < 0
        ):
            raise self.fault(f"{name} must be a number of seconds")
        return value

    def object(self, name: str) -> Mapping[str, Any]:
        value = self.parameters.get(name, {})
        if isinstance(value, str) and not self.signed:
            try:
                value = strict_json.loads(value)
            except strict_json.BadJSON:
                raise self.fault(f"{name} is not JSON that we accept") from None
        if not isinstance(value, Mapping):
            raise self.fault(f"{name} must be a JSON object")
        return value

    @requirement("RAR-2", "RAR-5")
    def details(self) -> tuple[Mapping[str, Any], ...] | None:
        """authorization_details; whatever is wrong with them has a code of its own."""
        value = self.parameters.get("authorization_details")
        if isinstance(value, str) and not self.signed:
            try:
                value = strict_json.loads(value)
            except strict_json.BadJSON as error:
                raise InvalidAuthorizationDetails(
                    "authorization_details is not JSON that we accept", seen=str(error)
                ) from None
        if value is None:
            return None
        if not isinstance(value, list) or not value:
            raise InvalidAuthorizationDetails("authorization_details must be a list of objects")
        if not all(
            isinstance(each, Mapping) and isinstance(each.get("type"), str) for each in value
        ):
            raise InvalidAuthorizationDetails("each of authorization_details needs a type")
        texts = [as_text(each) for each in value]
        if sum(len(text.encode()) for text in texts) > LONGEST_DETAILS:
            raise InvalidAuthorizationDetails(
                "authorization_details is too large", expected=f"at most {LONGEST_DETAILS} octets"
            )
        if len(set(texts)) != len(texts):
            raise InvalidAuthorizationDetails("authorization_details has the same object twice")
        return tuple(value)

    def fault(self, sentence: str) -> InvalidRequest | InvalidRequestObject:
        if self.signed:
            return InvalidRequestObject(sentence, clause="JAR-4")
        return InvalidRequest(sentence)


def as_text(detail: Mapping[str, Any]) -> str:
    """One text for one JSON object, in whatever order and with whatever spaces it was written.

    Python's own comparison takes true for 1, and 1 for 1.0.
    """
    return json.dumps(detail, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
