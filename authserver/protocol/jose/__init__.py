"""JOSE: signed and encrypted tokens of strangers, and our own.

The one package that imports joserfc. It parses every token itself, strictly, and leaves only
the arithmetic to the library; it knows one purpose for every token and raises BadJOSE.
"""

from authserver.protocol.jose.faults import BadJOSE, WrongType
from authserver.protocol.jose.jwe import (
    CONTENT_ENCRYPTION,
    decrypt_nested,
    encrypt_nested,
    encryption_key_in,
    is_jwe_shape,
)
from authserver.protocol.jose.jws import (
    Unverified,
    Verified,
    name_of,
    read,
    sign,
    verify,
    verify_embedded,
)
from authserver.protocol.jose.key_sets import (
    KeyName,
    PublicKeys,
    has_key,
    import_jwks,
    is_secret,
    keys_named,
    require_a_set,
)
from authserver.protocol.jose.private_key import PrivateKey, generate, load_private_key, public_jwk
from authserver.protocol.jose.public_key import thumbprint
from authserver.protocol.jose.purpose import Purpose

__all__ = [
    "CONTENT_ENCRYPTION",
    "BadJOSE",
    "KeyName",
    "PrivateKey",
    "PublicKeys",
    "Purpose",
    "Unverified",
    "Verified",
    "WrongType",
    "decrypt_nested",
    "encrypt_nested",
    "encryption_key_in",
    "generate",
    "has_key",
    "import_jwks",
    "is_jwe_shape",
    "is_secret",
    "keys_named",
    "load_private_key",
    "name_of",
    "public_jwk",
    "read",
    "require_a_set",
    "sign",
    "thumbprint",
    "verify",
    "verify_embedded",
]
