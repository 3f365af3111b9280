"""A little authorization server and the real bank, joined without sockets.

It answers what the standards say and judges nothing: the server's own tests do that.
"""

import hashlib
import json
import time
from urllib.parse import parse_qsl

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from deploy.demo.bank.__main__ import bank
from deploy.demo.bank.issuers import trusted
from deploy.local import signing
from deploy.local.https_server import Request


def der(path):
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.public_bytes(serialization.Encoding.DER)


def thumbprint(certificate):
    return signing.b64(hashlib.sha256(certificate).digest())


class FakeNetwork:
    """``issued`` are the claims of each access token by its value; ``ended`` ends them all."""

    def __init__(self, kit, key):
        self.kit = kit
        self.key = key
        self.pushed = {}
        self.issued = {}
        self.accounts = ["1042-017731"]
        self.asked = []
        self.ended = False
        self.silent = False
        self.changes = {}
        self.bank = bank(kit, trusted(kit, lambda client: self.http(None)))

    def http(self, certificate):
        """Return a client whose connections present this certificate (DER), or none."""
        return httpx.Client(
            transport=httpx.MockTransport(lambda sent: self.carry(sent, certificate))
        )

    def carry(self, sent, certificate):
        if self.silent:
            raise httpx.ConnectError("refused")
        if str(sent.url).startswith(self.kit.bank["url"]):
            return self.ask_bank(sent, certificate)
        issuer = next(one for one in self.bank.issuers if self.slug(one) in sent.url.path)
        form = dict(parse_qsl(sent.content.decode()))
        self.asked.append((sent.url.path, form))
        match sent.url.path.rpartition("/")[2]:
            case "openid-configuration":
                return httpx.Response(200, json=self.metadata(issuer))
            case "jwks":
                return httpx.Response(200, json={"keys": [signing.public_jwk(self.key)]})
            case "par":
                return self.push(form)
            case "token":
                return self.give(issuer, form, certificate)
            case "introspect":
                claims = self.issued.get(form["token"], {})
                active = claims and not self.ended
                return httpx.Response(
                    200, json={**claims, "active": True} if active else {"active": False}
                )
            case "revoke":
                self.ended = True
                return httpx.Response(200)
        raise AssertionError(sent.url)

    def ask_bank(self, sent, certificate):
        response = self.bank.answer(
            Request(
                method=sent.method,
                path=sent.url.path,
                query={},
                form={},
                headers={name.lower(): value for name, value in sent.headers.items()},
                cookies={},
                certificate=certificate,
            )
        )
        return httpx.Response(
            response.status, content=response.body, headers=dict(response.headers)
        )

    @staticmethod
    def slug(issuer):
        return issuer.rpartition("/")[2]

    def metadata(self, issuer):
        machine = f"{self.kit.addresses.machine_base}/{self.slug(issuer)}"
        endpoints = {
            "pushed_authorization_request_endpoint": "par",
            "token_endpoint": "token",
            "introspection_endpoint": "introspect",
            "revocation_endpoint": "revoke",
        }
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "jwks_uri": f"{issuer}/jwks",
            **{name: f"{issuer}/{path}" for name, path in endpoints.items()},
            "mtls_endpoint_aliases": {
                name: f"{machine}/{path}" for name, path in endpoints.items()
            },
            **self.changes.get("metadata", {}),
        }

    def push(self, form):
        if "push" in self.changes:
            return httpx.Response(400, json=self.changes["push"])
        request_uri = f"urn:ietf:params:oauth:request_uri:{len(self.pushed)}"
        self.pushed[request_uri] = signing.unverified_claims(form["request"])
        return httpx.Response(201, json={"request_uri": request_uri, "expires_in": 90})

    def give(self, issuer, form, certificate):
        if self.ended:
            return httpx.Response(400, json={"error": "invalid_grant"})
        *_, request = self.pushed.values()
        token = self.access_token(
            issuer,
            certificate,
            [
                {**detail, "accounts": [{"id": one} for one in self.accounts]}
                for detail in request["authorization_details"]
            ],
        )
        id_token = {
            "iss": issuer,
            "sub": "person",
            "aud": request["iss"],
            "nonce": request["nonce"],
            "exp": int(time.time()) + 60,
            **self.changes.get("id_token", {}),
        }
        return httpx.Response(
            200,
            json={
                "access_token": token,
                "refresh_token": "refresh",
                "token_type": "Bearer",
                "id_token": signing.sign(id_token, key=self.key),
            },
        )

    def access_token(self, issuer, certificate, details, *, typ="at+jwt", key=None, **changes):
        """Issue a token that the bank accepts, or one with changed claims."""
        claims = {
            "iss": issuer,
            "sub": "person",
            "client_id": "lantern",
            "aud": self.kit.bank["url"],
            "scope": "openid accounts",
            "exp": int(time.time()) + 60,
            "iat": int(time.time()),
            "jti": f"token-{len(self.issued)}",
            "cnf": {"x5t#S256": thumbprint(certificate or b"")},
            "authorization_details": details,
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        token = signing.sign(
            claims, key=key or self.key, typ=typ, kid=signing.public_jwk(self.key)["kid"]
        )
        self.issued[token] = json.loads(json.dumps(claims))
        return token
