"""How the kit starts the server: with the deployment's own files, under the kit's names."""

from dataclasses import replace

import pytest

from deploy.conformance.material import Material
from deploy.conformance.plans import EMBEDDED, NGINX
from deploy.conformance.server import Place, environment, nginx_command
from tests.support import rsa_keys


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    with rsa_keys.instead_of_new_files("kit"):
        return Material.kept_in(tmp_path_factory.mktemp("conformance"))


@pytest.fixture
def site(material):
    """The nginx site that is written for a host."""

    def site(host):
        place = replace(Place.read({}, front=NGINX), host=host)
        nginx_command(place, material)
        return (material.folder / "nginx" / "authserver.conf").read_text()

    return site


def test_nothing_of_the_deployments_own_names_is_left(site, material):
    written = site("as.conformance.test")
    directives = [line for line in written.splitlines() if not line.lstrip().startswith("#")]
    for theirs in (
        "as.example.com",
        "listen 443",
        "listen 8444",
        "listen 80 ",
        "listen [",
        "/var/",
        "/run/",
    ):
        assert not [line for line in directives if theirs in line]
    assert "listen 127.0.0.1:19443 ssl" in written
    assert "ssl_verify_client optional_no_ca" in written


def test_a_name_with_a_dot_is_held_to(site):
    assert site("as.conformance.test").count("ssl_reject_handshake on;") == 2
    assert "ssl_reject_handshake on;" not in site("localhost")
    assert site("localhost").count("server {") == site("as.conformance.test").count("server {") - 2


def test_ports_can_be_chosen():
    place = Place.read({"PORT": "20443", "HOST": "as.test"}, front=EMBEDDED)
    assert place.public_base == "https://as.test:20443"
    assert place.machine_base == "https://as.test:18444"
    with pytest.raises(ValueError, match="invalid literal"):
        Place.read({"PORT": "https"}, front=EMBEDDED)


def test_the_callers_settings_do_not_leak_in(monkeypatch, material):
    monkeypatch.setenv("AUTHSERVER_DEMO", "1")
    monkeypatch.setenv("DATABASE_URL", "postgres://localhost/conformance")
    told = environment(Place.read({}, front=EMBEDDED), material)
    assert "AUTHSERVER_DEMO" not in told
    assert "AUTHSERVER_TRUSTED_PROXY" not in told
    assert told["DATABASE_URL"] == "postgres://localhost/conformance"
    assert environment(Place.read({}, front=NGINX), material)["AUTHSERVER_TRUSTED_PROXY"] == "unix"
