"""The product's own settings, with a hasher that takes no time: the peer's pages hash nothing."""

from authserver.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.support.quick_hasher.QuickHasher"]
