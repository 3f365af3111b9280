"""The claims of a person that a client may be told (OpenID Connect Core, 5.1, 5.4 and 5.5)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from authserver.protocol.requirements import requirement

BY_SCOPE = {
    "profile": ("name", "given_name", "family_name", "preferred_username"),
    "email": ("email",),
}
SUPPORTED = tuple(name for names in BY_SCOPE.values() for name in names)


@requirement("OIDCC-5.4")
def covered_by(scope: Collection[str]) -> frozenset[str]:
    """The claims that these scopes ask for without naming them."""
    return frozenset(name for each in scope for name in BY_SCOPE.get(each, ()))


@dataclass(frozen=True, slots=True)
class Claims:
    """Names of claims by the place in which they are told, in the order of SUPPORTED.

    Names that we do not know are never in one: they were not understood, so they are ignored
    (OIDCC-5.5.1).
    """

    id_token: tuple[str, ...] = ()
    userinfo: tuple[str, ...] = ()

    @classmethod
    @requirement("OIDCC-5.5", "OIDCC-5.5.1")
    def asked_for(cls, parameter: Mapping[str, Any]) -> Self:
        """What a claims parameter asks for; a place that is no object asks for nothing."""
        return cls(*(_known(parameter.get(place)) for place in ("id_token", "userinfo")))

    @classmethod
    def of_scope(cls, scope: Collection[str]) -> Self:
        return cls(userinfo=_known(covered_by(scope)))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what ``as_json`` gave; nothing where there is nothing."""
        return cls(*(_known(stored.get(place)) for place in ("id_token", "userinfo")))

    def as_json(self) -> dict[str, list[str]]:
        """The places that have a claim."""
        places = {"id_token": list(self.id_token), "userinfo": list(self.userinfo)}
        return {place: names for place, names in places.items() if names}

    @classmethod
    def from_text(cls, stored: str) -> Self:
        return cls.from_json(json.loads(stored)) if stored else cls()

    def as_text(self) -> str:
        return json.dumps(claims) if (claims := self.as_json()) else ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every claim that is told anywhere."""
        return _known({*self.id_token, *self.userinfo})

    def places_of(self, name: str) -> tuple[str, ...]:
        return tuple(place for place, names in self.as_json().items() if name in names)

    def among(self, names: Collection[str]) -> Claims:
        """Those of these names, where they are told."""
        return self & Claims(_known(names), _known(names))

    def __or__(self, other: Claims) -> Claims:
        return Claims(
            _known({*self.id_token, *other.id_token}), _known({*self.userinfo, *other.userinfo})
        )

    def __and__(self, other: Claims) -> Claims:
        return Claims(
            _known(set(self.id_token) & set(other.id_token)),
            _known(set(self.userinfo) & set(other.userinfo)),
        )

    def __le__(self, other: Claims) -> bool:
        """Nothing is told here that is not told there, in the same place."""
        return self & other == self


NO_CLAIMS = Claims()


def _known(names: Any) -> tuple[str, ...]:
    given = set(names) if isinstance(names, Iterable) and not isinstance(names, str) else set()
    return tuple(name for name in SUPPORTED if name in given)
