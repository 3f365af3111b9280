"""What a client presents at the gate, as the door hands it on."""

from authserver.web.back_channel_request import BackChannelRequest
from clients import registration


def request_of(tpp, **changes):
    members = {
        "method": "POST",
        "urls": tpp.ecosystem.endpoint_urls("/token"),
        "form": tpp.authentication(),
        "certificate": tpp.certificate.der if tpp.certificate else None,
    }
    return BackChannelRequest(**(members | changes))


def registered(tpp):
    """The ecosystem as the process keeps it."""
    return registration.ecosystem_named(tpp.ecosystem.slug)
