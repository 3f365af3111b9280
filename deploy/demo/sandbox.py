"""The sandbox kit: keys, certificates and one ``sandbox.json`` for the server and any client.

README.md beside this file explains every member. Paths in it are relative to its own folder.
"""

import json
from dataclasses import asdict
from typing import Any

from deploy.demo import credentials
from deploy.demo.folders import Demo
from deploy.demo.parties import (
    BANK,
    ECOSYSTEMS,
    FFI,
    MACHINES,
    MESSAGE_APIS,
    OPENFINANCE,
    OPERATOR,
    PEOPLE,
    REGISTRY,
    TIDEWATER,
    TPPS,
    Company,
    Ecosystem,
    Person,
)
from deploy.local import pki, signing
from deploy.local.private_files import private_key, write_private

TPP_GRANTS = ("authorization_code", "refresh_token", "client_credentials")
MACHINE_GRANTS = ("client_credentials",)
BY_CERTIFICATE = ((TIDEWATER, OPENFINANCE), (REGISTRY, FFI))  # the others sign assertions


def make(demo: Demo) -> dict[str, Any]:
    """Write PKI and kit, keeping every key and secret that is there; return the kit's content."""
    now = pki.now()
    root, issuing = pki.authorities(demo.pki, now=now)
    pki.server_certificate(
        demo.server_pem,
        key=private_key(demo.server_key),
        host=demo.addresses.host,
        signer=issuing,
        now=now,
    )
    for authority in (root, issuing):
        copy = demo.kit / "ca" / authority.path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(authority.path.read_bytes())

    stored = credentials.kept_in(demo.secrets_json)
    content = {
        "addresses": asdict(demo.addresses),
        "issuers": [_issuer(demo, ecosystem) for ecosystem in ECOSYSTEMS],
        "trust_anchors": {"root": "ca/root.pem", "issuing": "ca/issuing.pem"},
        "participants": [_participant(*pair) for pair in _memberships()],
        "clients": [
            _client(demo, company, ecosystem, issuing) for company, ecosystem in _memberships()
        ],
        "resource_servers": [_resource_server(demo, ecosystem) for ecosystem in ECOSYSTEMS],
        "people": [_person(person, stored["people"][person.username]) for person in PEOPLE],
        "operator": {
            "username": OPERATOR,
            "display_name": "Demo operator",
            "email": "operator@example.com",
            **stored["people"][OPERATOR],
        },
        "bank": {
            "url": demo.addresses.bank_base,
            "accounts_url": f"{demo.addresses.bank_base}/open-banking/v1.1/accounts",
            "account_source_token": stored["account_source_token"],
        },
        "message_apis": [
            {
                "url": f"{_messages_base(demo)}/{name}",
                "scope": f"ffi-{name}",
                "scope_enforced": is_enforced,
            }
            for name, is_enforced in MESSAGE_APIS.items()
        ],
        "tpp": {"url": demo.addresses.tpp_base},
        "thief": _thief(demo, issuing),
    }
    write_private(demo.sandbox_json, json.dumps(content, indent=2).encode() + b"\n")
    return content


def client_id(company: Company, ecosystem: Ecosystem) -> str:
    return f"{company.slug}-{ecosystem.slug}"


def _memberships() -> list[tuple[Company, Ecosystem]]:
    return [
        (company, ecosystem)
        for ecosystem in ECOSYSTEMS
        for company in (*(TPPS if ecosystem.has_people else MACHINES), BANK)
    ]


def _messages_base(demo: Demo) -> str:
    return f"{demo.addresses.bank_base}/messages"


def _issuer(demo: Demo, ecosystem: Ecosystem) -> dict[str, Any]:
    return {
        "slug": ecosystem.slug,
        "name": ecosystem.name,
        "issuer": f"{demo.addresses.public_base}/{ecosystem.slug}",
        "profile": ecosystem.profile,
        "scopes": list(ecosystem.scopes),
        "client_credentials_scopes": list(ecosystem.own_scopes),
        "claims": list(ecosystem.claims),
        "authorization_details_types": list(ecosystem.authorization_details_types),
    }


def _participant(company: Company, ecosystem: Ecosystem) -> dict[str, Any]:
    return {
        "id": client_id(company, ecosystem),
        "ecosystem": ecosystem.slug,
        "trading_name": company.trading_name,
        "legal_name": company.legal_name,
        "registration_number": company.registration_number,
        "country": "AE",
        "contact_email": f"open-finance@{company.slug}.example",
        "roles": _roles(company, ecosystem),
    }


def _roles(company: Company, ecosystem: Ecosystem) -> list[str]:
    """Where machines call machines, whoever asks today may be asked tomorrow."""
    if not ecosystem.has_people:
        return ["requestor", "respondent"] if company is BANK else ["requestor"]
    return ["resource_server"] if company is BANK else ["tpp"]


def _client(
    demo: Demo, company: Company, ecosystem: Ecosystem, issuing: pki.Authority
) -> dict[str, Any]:
    own_id = client_id(company, ecosystem)
    folder = demo.kit / own_id
    subject = pki.name(
        common_name=own_id, organisation=company.legal_name, unit=company.registration_number
    )
    pki.client_certificate(
        folder / "transport.pem",
        key=private_key(folder / "transport.key"),
        subject=subject,
        signer=issuing,
        now=pki.now(),
    )
    signing_key = private_key(folder / "signing.key")
    jwk = json.dumps(signing.private_jwk(signing_key), indent=2).encode() + b"\n"
    write_private(folder / "signing.jwk.json", jwk)
    is_bank = company is BANK
    base = demo.addresses.bank_base if is_bank else demo.addresses.tpp_base
    by_certificate = (company, ecosystem) in BY_CERTIFICATE
    grants = TPP_GRANTS if ecosystem.has_people else MACHINE_GRANTS
    returns = [f"{base}/{own_id}/callback", *demo.extra_redirect_uris]
    return {
        "client_id": own_id,
        "name": company.trading_name,
        "participant": own_id,
        "ecosystem": ecosystem.slug,
        "token_endpoint_auth_method": "tls_client_auth" if by_certificate else "private_key_jwt",
        "tls_client_auth_subject_dn": subject.rfc4514_string() if by_certificate else "",
        "signing_algorithm": "PS256",
        "jwks_uri": f"{base}/{own_id}/jwks.json",
        "redirect_uris": returns if ecosystem.has_people and not is_bank else [],
        "grant_types": [] if is_bank else list(grants),
        "scopes": [] if is_bank else list(ecosystem.scopes),
        "claims": [] if is_bank else list(ecosystem.claims),
        "authorization_details_types": []
        if is_bank
        else list(ecosystem.authorization_details_types),
        "signing_key": f"{own_id}/signing.key",
        "signing_jwk": f"{own_id}/signing.jwk.json",
        "signing_kid": signing.public_jwk(signing_key)["kid"],
        "transport_certificate": f"{own_id}/transport.pem",
        "transport_key": f"{own_id}/transport.key",
    }


def _resource_server(demo: Demo, ecosystem: Ecosystem) -> dict[str, Any]:
    return {
        "identifier": demo.addresses.bank_base if ecosystem.has_people else _messages_base(demo),
        "name": BANK.trading_name,
        "ecosystem": ecosystem.slug,
        "participant": client_id(BANK, ecosystem),
        "client_id": client_id(BANK, ecosystem),
        "scopes": [scope for scope in ecosystem.scopes if scope != "openid"],
        "token_format": "jwt" if ecosystem.has_people else "opaque",
    }


def _person(person: Person, credential: dict[str, str]) -> dict[str, Any]:
    return {
        "username": person.username,
        "display_name": person.display_name,
        "email": person.email,
        "password": credential["password"],
        "totp_secret": credential["totp_secret"],
        "customer_id": person.customer_id,
        "ecosystems": [ecosystem.slug for ecosystem in ECOSYSTEMS if ecosystem.has_people],
        "accounts": [
            {**asdict(account), "shareable": account.shareable, "last4": account.last4}
            for account in person.accounts
        ],
    }


def _thief(demo: Demo, issuing: pki.Authority) -> dict[str, str]:
    """Make a certificate that is valid, from the right CA, and registered nowhere."""
    folder = demo.kit / "thief"
    pki.client_certificate(
        folder / "transport.pem",
        key=private_key(folder / "transport.key"),
        subject=pki.name(common_name="magpie", organisation="Magpie Trading Ltd"),
        signer=issuing,
        now=pki.now(),
    )
    return {
        "transport_certificate": "thief/transport.pem",
        "transport_key": "thief/transport.key",
    }
