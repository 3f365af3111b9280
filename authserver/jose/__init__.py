"""JOSE: signed and encrypted tokens of strangers, and our own.

The one package that imports joserfc. It parses every token itself, strictly, and leaves only
the arithmetic to the library; it knows one purpose for every token and raises BadJOSE.
"""

from authserver.jose.faults import BadJOSE, WrongType
from authserver.jose.jwe import CONTENT_ENCRYPTION, decrypt_nested, encrypt_nested, is_jwe_shape
from authserver.jose.jws import Verified, kid_of, peek, sign, verify, verify_embedded
from authserver.jose.private_key import PrivateKey, generate, load_private_key, public_jwk
from authserver.jose.public_key import PublicKeys, import_jwks, thumbprint
from authserver.jose.purpose import Purpose

__all__ = [
    "CONTENT_ENCRYPTION",
    "BadJOSE",
    "PrivateKey",
    "PublicKeys",
    "Purpose",
    "Verified",
    "WrongType",
    "decrypt_nested",
    "encrypt_nested",
    "generate",
    "import_jwks",
    "is_jwe_shape",
    "kid_of",
    "load_private_key",
    "peek",
    "public_jwk",
    "sign",
    "thumbprint",
    "verify",
    "verify_embedded",
]
