"""The demo's certificates: what they say, that they chain, and that they are kept."""

import stat
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store

from deploy.demo import sandbox
from deploy.demo.folders import Demo
from deploy.local import pki
from deploy.local.private_files import private_key
from tests.operations.demo.conftest import ADDRESSES


def certificates(path):
    return x509.load_pem_x509_certificates(path.read_bytes())


def usages(certificate):
    return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_the_servers_certificate_is_good_for_the_host_name_and_for_localhost(demo):
    [root] = certificates(demo.root_pem)
    leaf, issuing = certificates(demo.server_pem)
    for name in ("demo.test", "localhost"):
        verifier = PolicyBuilder().store(Store([root])).build_server_verifier(x509.DNSName(name))
        assert len(verifier.verify(leaf, [issuing])) == 3
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert usages(leaf) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_a_key_that_is_missing_is_made_and_kept(tmp_path):
    path = tmp_path / "new" / "signing.key"

    made = private_key(path)

    assert made.key_size == 2048
    assert made.public_key().public_numbers().e == 65537
    assert private_key(path).private_numbers() == made.private_numbers()
    assert private_key(tmp_path / "other.key").public_key() != made.public_key()


@pytest.mark.parametrize("owner", ["lantern-openfinance", "tidewater-uae", "bank-uae", "thief"])
def test_a_client_certificate_authenticates_clients_and_nothing_else(demo, owner):
    [leaf] = certificates(demo.kit / owner / "transport.pem")
    [issuing] = certificates(demo.kit / "ca" / "issuing.pem")
    [root] = certificates(demo.kit / "ca" / "root.pem")
    leaf.verify_directly_issued_by(issuing)
    issuing.verify_directly_issued_by(root)
    assert usages(leaf) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert isinstance(leaf.signature_hash_algorithm, hashes.SHA256)
    assert isinstance(leaf.public_key(), rsa.RSAPublicKey)
    assert leaf.public_key().key_size == 2048


def test_the_issuing_authority_may_sign_leaves_only(demo):
    [issuing] = certificates(demo.kit / "ca" / "issuing.pem")
    limits = issuing.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (limits.ca, limits.path_length) == (True, 0)


def test_private_keys_and_the_kit_are_readable_by_their_owner_alone(demo):
    secret = [*demo.folder.rglob("*.key"), *demo.folder.rglob("*.jwk.json")]
    for path in [*secret, demo.sandbox_json, demo.secrets_json]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(secret) > 10


def test_a_second_run_keeps_every_key_certificate_and_secret(own_demo):
    before = {path: path.read_bytes() for path in own_demo.folder.rglob("*") if path.is_file()}
    sandbox.make(own_demo)
    after = {path: path.read_bytes() for path in own_demo.folder.rglob("*") if path.is_file()}
    assert after == before


def test_a_certificate_near_its_end_is_renewed_for_the_same_key(own_demo, monkeypatch):
    path = own_demo.kit / "lantern-uae" / "transport.pem"
    [before] = certificates(path)
    later = pki.now() + pki.LEAF_LIFETIME - pki.RENEW_BEFORE + timedelta(seconds=1)
    monkeypatch.setattr(pki, "now", lambda: later)
    sandbox.make(own_demo)
    [after] = certificates(path)
    assert after.not_valid_after_utc == later + pki.LEAF_LIFETIME
    assert after.public_key() == before.public_key()
    assert after.subject == before.subject


def test_another_host_name_gets_another_server_certificate_and_keeps_the_authority(own_demo):
    root = own_demo.root_pem.read_bytes()
    server = own_demo.server_pem.read_bytes()
    moved = Demo(folder=own_demo.folder, addresses=type(ADDRESSES)(host="other.test"))
    sandbox.make(moved)
    assert own_demo.root_pem.read_bytes() == root
    assert own_demo.server_pem.read_bytes() != server


def test_a_certificate_of_a_replaced_authority_is_made_anew(own_demo):
    (own_demo.pki / "issuing.key").unlink()
    sandbox.make(own_demo)
    [leaf] = certificates(own_demo.kit / "lantern-uae" / "transport.pem")
    [issuing] = certificates(own_demo.kit / "ca" / "issuing.pem")
    leaf.verify_directly_issued_by(issuing)
