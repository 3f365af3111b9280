"""The sandbox kit as the demo's programs read it: issuers, clients and where things are."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from deploy.demo.addresses import Addresses
from deploy.local.client import Client
from deploy.local.private_files import rsa_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What stands in ``sandbox.json``, with its paths made absolute."""

    folder: Path
    addresses: Addresses
    issuers: Mapping[str, Mapping[str, Any]]
    clients: Mapping[str, Client]
    resource_servers: tuple[Mapping[str, Any], ...]
    people: Mapping[str, Mapping[str, Any]]
    operator: Mapping[str, str]
    bank: Mapping[str, str]
    message_apis: tuple[Mapping[str, Any], ...]
    thief_certificate: Path
    thief_key: Path

    @property
    def root(self) -> Path:
        return self.folder / "ca" / "root.pem"

    @property
    def issuing(self) -> Path:
        return self.folder / "ca" / "issuing.pem"

    @classmethod
    def read(cls, path: Path) -> Self:
        content = json.loads(path.read_text())
        issuers = {one["slug"]: one for one in content["issuers"]}
        legal_names = {one["id"]: one["legal_name"] for one in content["participants"]}
        folder = path.parent
        return cls(
            folder=folder,
            addresses=Addresses(**content["addresses"]),
            issuers=issuers,
            clients={
                one["client_id"]: Client(
                    client_id=one["client_id"],
                    name=one["name"],
                    legal_name=legal_names[one["participant"]],
                    ecosystem=one["ecosystem"],
                    issuer=issuers[one["ecosystem"]]["issuer"],
                    authenticates_by=one["token_endpoint_auth_method"],
                    redirect_uri=next(iter(one["redirect_uris"]), ""),
                    signing_key=rsa_key((folder / one["signing_key"]).read_bytes()),
                    kid=one["signing_kid"],
                    transport_certificate=folder / one["transport_certificate"],
                    transport_key=folder / one["transport_key"],
                )
                for one in content["clients"]
            },
            resource_servers=tuple(content["resource_servers"]),
            people={one["username"]: one for one in content["people"]},
            operator=content["operator"],
            bank=content["bank"],
            message_apis=tuple(content["message_apis"]),
            thief_certificate=folder / content["thief"]["transport_certificate"],
            thief_key=folder / content["thief"]["transport_key"],
        )
