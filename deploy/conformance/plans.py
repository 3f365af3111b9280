"""The plans of the OpenID conformance suite that are run, with every variant, in the suite's words.

A run happens in an ecosystem of its own, whose profile is the one that the plan tests.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from itertools import product
from typing import Self

SECURITY_PROFILE = "fapi2-security-profile-final-test-plan"
MESSAGE_SIGNING = "fapi2-message-signing-final-test-plan"
PLANS = (SECURITY_PROFILE, MESSAGE_SIGNING)

# Slug to profile. All of them ask for one factor alone, since the suite's browser knows no TOTP.
ECOSYSTEMS = {
    "conformance-sp": "fapi2-security",
    "conformance-ms": "fapi2-message-signing",
    "conformance-cbuae": "cbuae",
    "conformance-ffi": "ffi",
}
EMBEDDED = "embedded"
NGINX = "nginx"
CLIENT_CREDENTIALS = "fapi_client_credentials_grant"
SHORT = {
    SECURITY_PROFILE: "sp",
    MESSAGE_SIGNING: "ms",
    "plain_fapi": "plain",
    CLIENT_CREDENTIALS: "cc",
    "private_key_jwt": "jwt",
    "openid_connect": "openid",
    "plain_oauth": "oauth",
    "signed_non_repudiation": "signed",
    "plain_response": "query",
}


class BadVariant(Exception):
    """No such plan or variant; the text says what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What a plan is created with; an empty value is one that the plan fixes itself."""

    fapi_profile: str = "plain_fapi"
    client_auth_type: str = "private_key_jwt"
    sender_constrain: str = "mtls"
    openid: str = "openid_connect"
    authorization_request_type: str = "simple"
    fapi_request_method: str = ""
    fapi_response_mode: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``name=value,name=value``; what is not named has its default. Raise BadVariant."""
        known = [field.name for field in fields(cls)]
        given = {}
        for part in filter(None, text.split(",")):
            name, _, value = part.partition("=")
            if name not in known or not value:
                raise BadVariant(f"A variant is written name=value, with names {', '.join(known)}.")
            given[name] = value
        return cls(**given)

    @property
    def named(self) -> Mapping[str, str]:
        """What is sent to the suite."""
        return {name: value for name, value in asdict(self).items() if value}

    def agrees_with(self, settings: str) -> bool:
        """True if every ``name=value`` of the text is so here."""
        return set(filter(None, settings.split(","))) <= {f"{k}={v}" for k, v in self.named.items()}

    @property
    def is_signed(self) -> bool:
        return self.fapi_request_method == "signed_non_repudiation"

    @property
    def is_openid(self) -> bool:
        return self.openid == "openid_connect"

    @property
    def is_rich(self) -> bool:
        return self.authorization_request_type == "rar"

    @property
    def has_a_person(self) -> bool:
        return self.fapi_profile != CLIENT_CREDENTIALS


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A plan in one variant, in one of our ecosystems; ``front`` ends TLS before our server.

    Behind nginx, certificates authenticate by self_signed_tls_client_auth: the other front cannot
    take a certificate of a CA that it does not know.
    """

    plan: str
    variant: Variant
    ecosystem: str
    front: str = EMBEDDED

    @classmethod
    def of(cls, plan: str, variant: Variant, *, ecosystem: str = "", front: str = EMBEDDED) -> Self:
        """Choose the ecosystem that fits the variant, unless one is named. Raise BadVariant."""
        if plan not in PLANS:
            raise BadVariant(f"The plans are {' and '.join(PLANS)}.")
        if ecosystem and ecosystem not in ECOSYSTEMS:
            raise BadVariant(f"The ecosystems are {', '.join(ECOSYSTEMS)}.")
        if not ecosystem:
            if variant.fapi_profile == "cbuae":
                ecosystem = "conformance-cbuae"
            else:
                # An unsigned request of the message signing plan needs a profile that takes it.
                ecosystem = "conformance-ms" if variant.is_signed else "conformance-sp"
        return cls(plan=plan, variant=variant, ecosystem=ecosystem, front=front)

    def __str__(self) -> str:
        return f"{self.alias} ({self.front})"

    @property
    def authentication_method(self) -> str:
        """The method that the clients are registered with."""
        if self.variant.client_auth_type != "mtls":
            return self.variant.client_auth_type
        return "self_signed_tls_client_auth" if self.front == NGINX else "tls_client_auth"

    @property
    def profile(self) -> str:
        return ECOSYSTEMS[self.ecosystem]

    @property
    def alias(self) -> str:
        """A name for the suite's callback URLs, of letters, digits and hyphens."""
        parts = [self.plan, *self.variant.named.values()]
        name = "-".join(SHORT.get(part, part) for part in parts)
        return f"{name}-ffi" if self.profile == "ffi" else name


def runs_behind(front: str) -> Iterator[Run]:
    """All runs, the most telling first; behind nginx those that TLS makes a difference to."""
    for run in (*_security_profile(), *_message_signing()):
        if front == EMBEDDED or _is_about_tls(run):
            yield replace(run, front=front)


def every_run() -> Iterator[Run]:
    yield from runs_behind(EMBEDDED)
    yield from runs_behind(NGINX)


def _is_about_tls(run: Run) -> bool:
    variant = run.variant
    return variant.fapi_profile == "cbuae" or (
        variant.client_auth_type == "mtls"
        and not variant.is_rich
        and variant.fapi_request_method != "unsigned"
        and (variant.is_openid or not variant.has_a_person)
        and run.profile != "ffi"
    )


def _security_profile() -> Iterator[Run]:
    for variant in _crossed(Variant()):
        yield Run.of(SECURITY_PROFILE, variant)
    for auth, sender in product(("private_key_jwt", "mtls"), ("mtls", "dpop")):
        variant = Variant(
            fapi_profile=CLIENT_CREDENTIALS,
            client_auth_type=auth,
            sender_constrain=sender,
            openid="plain_oauth",
        )
        yield Run.of(SECURITY_PROFILE, variant)
        if sender == "mtls":
            yield Run.of(SECURITY_PROFILE, variant, ecosystem="conformance-ffi")


def _message_signing() -> Iterator[Run]:
    cbuae = Variant(
        fapi_profile="cbuae",
        authorization_request_type="rar",
        fapi_request_method="signed_non_repudiation",
        fapi_response_mode="plain_response",
    )
    yield Run.of(MESSAGE_SIGNING, cbuae)
    for method, mode in product(("signed_non_repudiation", "unsigned"), ("plain_response", "jarm")):
        plain = Variant(fapi_request_method=method, fapi_response_mode=mode)
        for variant in _crossed(plain):
            yield Run.of(MESSAGE_SIGNING, variant)


def _crossed(variant: Variant) -> Iterator[Variant]:
    for kind, openid, auth, sender in product(
        ("simple", "rar"),
        ("openid_connect", "plain_oauth"),
        ("private_key_jwt", "mtls"),
        ("mtls", "dpop"),
    ):
        yield replace(
            variant,
            authorization_request_type=kind,
            openid=openid,
            client_auth_type=auth,
            sender_constrain=sender,
        )
