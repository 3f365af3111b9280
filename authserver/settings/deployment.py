"""Who this server is, its secrets, and whom it believes: what two deployments differ in most."""

from authserver.settings.environment import env

# Lets the demo run: it prints passwords, so a public issuer is refused.
DEMO = env.bool("AUTHSERVER_DEMO", default=False)
DEBUG = False

# Signs sessions and one-time links: 50 characters at least, and random.
SECRET_KEY = env.str("AUTHSERVER_SECRET_KEY")
# Earlier secret keys, still good for what they signed.
SECRET_KEY_FALLBACKS = env.list("AUTHSERVER_SECRET_KEY_FALLBACKS", default=[])
# Fernet keys, newest first, for signing keys and TOTP secrets at rest.
KEY_ENCRYPTION_KEYS = env.list("AUTHSERVER_KEY_ENCRYPTION_KEYS")
# Makes the nonces for DPoP proofs that every process must be able to check: 50 characters at least,
# and random. A new one is met by clients as one more round trip; nothing that is stored needs it.
DERIVATION_KEY = env.str("AUTHSERVER_DERIVATION_KEY", default=SECRET_KEY)

# The names under which the server may be called, at the ports of its two bases.
ALLOWED_HOSTS = env.list("AUTHSERVER_ALLOWED_HOSTS", default=[])
# What we publish comes from these and from the ecosystem's row, never from a request.
PUBLIC_BASE = env.str("AUTHSERVER_PUBLIC_BASE", default="")
MACHINE_BASE = env.str("AUTHSERVER_MACHINE_BASE", default=PUBLIC_BASE)
# CAs of the server's own certificate, published to clients that pin them: a PEM file.
SERVER_CA_FILE = env.str("AUTHSERVER_SERVER_CA_FILE", default="")
# What pages that belong to no single ecosystem are headed with.
OPERATOR_NAME = env.str("AUTHSERVER_OPERATOR_NAME", default="Open Finance")

# Where a client certificate comes from: the TLS socket itself, or one trusted proxy.
TRUSTED_PROXY = env.str("AUTHSERVER_TRUSTED_PROXY", default="")
CLIENT_CERTIFICATE_HEADER = "X-SSL-Client-Cert"

# Hosts that the server may fetch from although their addresses are not public.
OUTBOUND_ALLOWED_HOSTS = env.list("AUTHSERVER_OUTBOUND_ALLOWED_HOSTS", default=[])
# CAs trusted for what the server fetches, beside those of the system: a PEM file.
OUTBOUND_CA_FILE = env.str("AUTHSERVER_OUTBOUND_CA_FILE", default="")
