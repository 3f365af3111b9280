"""The authorization request: its parameters, typed and not yet judged (RFC 6749, 4.1.1)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from authserver import strict_json
from authserver.errors import InvalidAuthorizationDetails, InvalidRequest
from authserver.requirements import requirement

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
    "login_hint",
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
    login_hint: str | None = None
    id_token_hint: str | None = None
    ui_locales: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    dpop_jkt: str | None = None
    purpose: str | None = None

    @classmethod
    @requirement("RFC6749-3.1", "PAR-2.1", "JAR-4")
    def parse(cls, sent: Mapping[str, Any]) -> Self:
        """Take the parameters we know from a form or from a request object's claims.

        A form carries numbers and objects as text, a request object as JSON; an empty value is
        an absent one. Unknown parameters are ignored.
        """
        given = {name: value for name, value in sent.items() if value not in ("", None)}
        return cls(
            **{name: _string(given, name) for name in STRINGS},
            scope=tuple(dict.fromkeys((_string(given, "scope") or "").split())),
            authorization_details=_details(given),
            resource=_strings(given, "resource"),
            max_age=_seconds(given, "max_age"),
            claims=_object(given, "claims"),
        )

    def as_json(self) -> dict[str, Any]:
        """A form of the request that JSON can carry; ``from_json`` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        details = stored["authorization_details"]
        return cls(
            **{
                **stored,
                "scope": tuple(stored["scope"]),
                "resource": tuple(stored["resource"]),
                "authorization_details": None if details is None else tuple(details),
            }
        )


def _string(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidRequest(f"{name} must be a string")
    return value


def _strings(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = given.get(name, ())
    values = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(each, str) for each in values):
        raise InvalidRequest(f"{name} must be a string or a list of strings")
    return tuple(dict.fromkeys(values))  # to ask twice is to ask once


def _seconds(given: Mapping[str, Any], name: str) -> int | None:
    value = given.get(name)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        value = int(value)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise InvalidRequest(f"{name} must be a number of seconds")
    return value


def _object(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = given.get(name, {})
    if isinstance(value, str):
        try:
            value = strict_json.loads(value)
        except strict_json.BadJSON:
            raise InvalidRequest(f"{name} is not JSON that we accept") from None
    if not isinstance(value, Mapping):
        raise InvalidRequest(f"{name} must be a JSON object")
    return value


@requirement("RAR-2", "RAR-5")
def _details(given: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...] | None:
    value = given.get("authorization_details")
    if isinstance(value, str):
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
    if not all(isinstance(each, Mapping) and isinstance(each.get("type"), str) for each in value):
        raise InvalidAuthorizationDetails("each of authorization_details needs a type")
    if len({as_text(each) for each in value}) != len(value):
        raise InvalidAuthorizationDetails("authorization_details has the same object twice")
    return tuple(value)


def as_text(detail: Mapping[str, Any]) -> str:
    """One text for one JSON object, in whatever order it was written.

    Python's own comparison takes true for 1, and 1 for 1.0.
    """
    return json.dumps(detail, sort_keys=True)
