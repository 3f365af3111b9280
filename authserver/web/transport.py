"""What browsers are told about the transport, on every answer that has come over TLS."""

from django.conf import settings


def strict_transport() -> dict[str, str]:
    """The header of RFC 6797; none where the settings want none."""
    if not settings.SECURE_HSTS_SECONDS:
        return {}
    value = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
    return {"Strict-Transport-Security": value}
