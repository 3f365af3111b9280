"""What a protected resource publishes about itself (RFC 9728)."""

from collections.abc import Collection
from typing import Any

from authserver.protocol.requirements import requirement


@requirement("RFC9728-2")
def protected_resource_metadata(
    *,
    resource: str,
    issuers: Collection[str],
    scopes: Collection[str] = (),
    detail_types: Collection[str] = (),
    mtls: bool = True,
    dpop_algorithms: Collection[str] = (),
) -> dict[str, Any]:
    """The document of ``/.well-known/oauth-protected-resource``; tokens go in the header only."""
    optional = {
        "scopes_supported": sorted(scopes),
        "authorization_details_types_supported": sorted(detail_types),
        "dpop_signing_alg_values_supported": list(dpop_algorithms),
    }
    return {
        "resource": resource,
        "authorization_servers": list(issuers),
        "bearer_methods_supported": ["header"],
        "tls_client_certificate_bound_access_tokens": mtls,
        **{name: value for name, value in optional.items() if value},
    }
