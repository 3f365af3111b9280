"""The resource-server kit: verify or introspect an access token, and demand its key.

It imports nothing of the server: copy it, with ``jose`` and ``specs``, into any project that takes
tokens of a FAPI 2.0 issuer. ``issuer.TrustedIssuer`` is the plain way in, ``drf`` the one for
Django REST framework.
"""
