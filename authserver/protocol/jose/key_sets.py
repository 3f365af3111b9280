"""Sets of public keys that somebody sent: every member judged on its own, and found by its name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from authserver.protocol.jose.faults import BadJOSE, only_bad_jose
from authserver.protocol.jose.public_key import (
    OTHER_NAMES,
    PRIVATE_MEMBERS,
    SIGNS_WITH,
    PublicKey,
    import_public_key,
)

TYPES = {algorithm: kty for kty, algorithm in SIGNS_WITH.items()}
MOST_OF_A_NAME = 100  # our choice: so many keys are judged before a token is
LONGEST_KID = 60  # characters of a kid that a report repeats


@dataclass(frozen=True, slots=True)
class KeyName:
    """What the header of a token says of its key: a kid, if any, and one of our algorithms."""

    kid: str | None = None
    algorithm: str | None = None

    def fits(self, jwk: object) -> bool:
        """True if the key may be the one that is meant, by what it says of itself."""
        if not isinstance(jwk, Mapping):
            return False
        if self.kid is not None and jwk.get("kid") != self.kid:
            return False
        if self.algorithm is None:
            return True
        named = jwk.get("alg", self.algorithm)
        if isinstance(named, str):
            named = OTHER_NAMES.get(named, named)
        return jwk.get("kty") == TYPES[self.algorithm] and named == self.algorithm


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """The keys that we accept of a set, and why the others are left out."""

    keys: tuple[PublicKey, ...] = ()
    rejected: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)

    def the_one(self, *, kid: str | None, algorithm: str) -> PublicKey:
        """Return the key that the header means, or raise BadJOSE. Keys are never tried in turn.

        A kid and an algorithm together name a key.
        """
        named = [key for key in self.keys if kid is None or key.kid == kid]
        fitting = [key for key in named if key.algorithm == algorithm]
        if len(fitting) != 1:
            raise BadJOSE("no kid and several keys" if len(fitting) > 1 else "no such key")
        return fitting[0]


@only_bad_jose
def import_jwks(jwks: Mapping[str, Any]) -> PublicKeys:
    """Import the keys of a JWK Set that can verify signatures, each on its own.

    A key that we do not accept is left out and reported by its place in the set and its kid; the
    others stay usable, however many there are. Raises BadJOSE when the document is no JWK Set.
    """
    return _judged(enumerate(require_a_set(jwks), start=1))


@only_bad_jose
def keys_named(jwks: Mapping[str, Any], name: KeyName) -> PublicKeys:
    """Import those keys of a JWK Set that can be meant: the whole set is searched, little judged.

    Raises BadJOSE when the document is no JWK Set, or so many keys have that name that to judge
    them all would be work that a stranger can ask for.
    """
    members = require_a_set(jwks)
    meant = [(place, jwk) for place, jwk in enumerate(members, start=1) if name.fits(jwk)]
    if len(meant) > MOST_OF_A_NAME:
        raise BadJOSE("too many keys of one name")
    return _judged(meant)


def has_key(jwks: Mapping[str, Any], name: KeyName) -> bool:
    """True if the set has a key of this name; a token that names none needs no newer set."""
    return name.kid is None or any(map(name.fits, require_a_set(jwks)))


@only_bad_jose
def require_a_set(jwks: Mapping[str, Any]) -> list[Any]:
    """Return the members of a JWK Set, or raise BadJOSE."""
    members = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(members, list):
        raise BadJOSE("not a JWK Set")
    return members


def is_secret(jwk: object) -> bool:
    """True if the key has something private or symmetric in it."""
    return isinstance(jwk, Mapping) and not PRIVATE_MEMBERS.isdisjoint(jwk)


def report_on(place: int, jwk: object, fault: BadJOSE) -> str:
    """Which key was left out and why, for a person: ``key 2 (its kid): use is not sig``."""
    kid = jwk.get("kid") if isinstance(jwk, Mapping) else None
    named = f" ({_shown(kid)})" if isinstance(kid, str) and kid else ""
    return f"key {place}{named}: {fault}"


def _judged(members: Iterable[tuple[int, Any]]) -> PublicKeys:
    imported: dict[tuple[str | None, str], PublicKey] = {}
    rejected = []
    for place, jwk in members:
        try:
            key = import_public_key(jwk)
        except BadJOSE as fault:
            rejected.append(report_on(place, jwk, fault))
        else:
            imported[key.kid, key.thumbprint] = key
    named = Counter((key.kid, key.algorithm) for key in imported.values() if key.kid is not None)
    several = {name for name, count in named.items() if count > 1}
    rejected += [f"{_shown(kid)} names several {algorithm} keys" for kid, algorithm in several]
    unambiguous = (key for key in imported.values() if (key.kid, key.algorithm) not in several)
    return PublicKeys(keys=tuple(unambiguous), rejected=tuple(rejected))


def _shown(kid: str) -> str:
    return kid[:LONGEST_KID] if kid.isascii() and kid.isprintable() else "a kid"
