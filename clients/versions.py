"""What is registered, as processes keep it: which rows have a version, and what changes it.

A copy is worth something only while a statement that hands something out finds these three
versions in the database: the client's, its participant's, its ecosystem's.
"""

from authserver.ecosystems.models import Ecosystem, RevocationList, TrustAnchor
from authserver.keys.models import SigningKey
from authserver.storage.versions import ITSELF, Versioned
from clients.models import Client, ClientCertificate, ClientKeySet, Participant, ResourceServer

VERSIONED: Versioned = {
    Client: {Client: ITSELF, ClientCertificate: "client", ClientKeySet: "client"},
    Participant: {Participant: ITSELF},
    Ecosystem: {
        Ecosystem: ITSELF,
        ResourceServer: "ecosystem",
        SigningKey: "ecosystem",
        TrustAnchor: "ecosystem",
        RevocationList: "anchor__ecosystem",
    },
}
