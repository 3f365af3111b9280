"""Which issuer, under which profile: each ecosystem is an issuer of its own."""
