"""The profiles that this deployment offers, by name.

A profile states which rules and numbers apply; nobody asks for its name. Adding one is a file
beside these and a line in ``OFFERED``.
"""

from authserver.protocol.profiles import (
    cbuae,
    connectid_au,
    fapi2_message_signing,
    fapi2_security,
    ffi,
    ksa,
)
from authserver.protocol.profiles.base import Profile

OFFERED = {
    profile.name: profile
    for profile in (
        fapi2_security.PROFILE,
        fapi2_message_signing.PROFILE,
        cbuae.PROFILE,
        ffi.PROFILE,
        ksa.PROFILE,
        connectid_au.PROFILE,
    )
}


def named(name: str) -> Profile:
    """Return the profile, or raise KeyError: a row can only hold a name that is offered."""
    return OFFERED[name]
