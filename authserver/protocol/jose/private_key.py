"""Our own keys: made, loaded once per process, published."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from authserver.protocol.jose.faults import BadJOSE, only_bad_jose
from authserver.protocol.jose.public_key import public_members, thumbprint

SIGNING = {"PS256": "RSA", "ES256": "EC", "Ed25519": "OKP", "EdDSA": "OKP"}
ENCRYPTION = {"RSA-OAEP": "RSA", "RSA-OAEP-256": "RSA", "ECDH-ES": "EC"}
KEY_TYPES = SIGNING | ENCRYPTION
RSA_BITS = 2048  # FAPI2-SP-FINAL-5.4.1-3: at least; with 3072 a signature takes three times longer

NativeKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key of ours, for one algorithm."""

    algorithm: str
    kid: str
    public: dict[str, str] = field(hash=False)
    native: Key = field(repr=False, hash=False, compare=False)

    @property
    def use(self) -> str:
        return "sig" if self.algorithm in SIGNING else "enc"


@only_bad_jose
def generate(algorithm: str) -> str:
    """Return a new private key for the algorithm as PEM (PKCS #8, not encrypted)."""
    match KEY_TYPES[algorithm]:
        case "RSA":
            return _pem(rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS))
        case "EC":
            return _pem(ec.generate_private_key(ec.SECP256R1()))
        case _:
            return _pem(ed25519.Ed25519PrivateKey.generate())


@only_bad_jose
def load_private_key(pem: str, algorithm: str, kid: str | None = None) -> PrivateKey:
    """Load a key for one algorithm of SIGNING or ENCRYPTION; raise BadJOSE if it does not fit.

    Without a kid the key is named by its RFC 7638 thumbprint. The PEM must be our own, from
    ``generate``: nothing here finds out that an RSA key was made to be weak.
    """
    # That an RSA key is one was so when we made it, and nobody else can have written it since: it
    # is kept under authenticated encryption. To test its primes again takes 60 ms, as long as
    # sixty signatures, in each process that is about to sign for the first time.
    loaded = load_pem_private_key(
        pem.encode("ascii"), password=None, unsafe_skip_rsa_key_validation=True
    )
    native = _native(loaded)
    if native.key_type != KEY_TYPES[algorithm]:
        raise BadJOSE("a key for something else")
    members = public_members(native.as_dict(private=False))
    return PrivateKey(
        algorithm=algorithm,
        kid=thumbprint(members) if kid is None else kid,
        public=members,
        native=native,
    )


def public_jwk(key: PrivateKey) -> dict[str, str]:
    """Return the key as we publish it: nothing private, with its name, use and algorithm."""
    return {**key.public, "kid": key.kid, "use": key.use, "alg": key.algorithm}


def _native(loaded: object) -> RSAKey | ECKey | OKPKey:
    match loaded:
        case rsa.RSAPrivateKey():
            if loaded.key_size < RSA_BITS:
                raise BadJOSE("RSA size")
            return RSAKey.import_key(loaded)
        case ec.EllipticCurvePrivateKey():
            return ECKey.import_key(loaded)
        case ed25519.Ed25519PrivateKey():
            return OKPKey.import_key(loaded)
    raise BadJOSE("key type or curve")


def _pem(made: NativeKey) -> str:
    octets = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return octets.decode("ascii")
