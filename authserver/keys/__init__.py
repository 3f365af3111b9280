"""Signing keys per ecosystem: create, publish, activate, retire; sign; public JWKS."""
