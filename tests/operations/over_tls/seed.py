"""Fill a database with clients that authenticate by certificate; run as a program.

Writes keys and certificates into the folder that is named, one PEM file for each, and the static
files into theirs.
"""

import sys
from datetime import timedelta
from pathlib import Path


def main() -> None:
    from authserver.loading import load_django

    load_django()
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client as Http
    from django.test.utils import override_settings, setup_test_environment
    from django.utils import timezone

    from authserver.settings import applications
    from authserver.tokens.models import AccessToken
    from clients.models import Client
    from tests.support import certificates, rsa_keys, world
    from tests.support.certificates import issue, issuing, root
    from tests.support.person import Person
    from tests.support.tpp import ThirdParty

    with override_settings(STORAGES=applications.STORAGES):
        call_command("collectstatic", interactive=False, verbosity=0)
    setup_test_environment()
    settings.TRUSTED_PROXY = "127.0.0.1"  # the test client stands where nginx would

    ecosystem = world.ecosystem("openfinance", profile="fapi2-security")
    owner = world.participant("Tpp", ecosystem=ecosystem)
    for client_id in ("one", "two"):
        world.client(
            client_id,
            participant=owner,
            token_endpoint_auth_method="tls_client_auth",
            tls_client_auth_subject_dn=f"CN={client_id},O=Test,C=AE",
        )
    own = world.client(
        "own", participant=owner, token_endpoint_auth_method="self_signed_tls_client_auth"
    )
    late_root = issue("Late Root", ca=True)
    issued = {
        "one": certificates.transport("one"),
        "two": certificates.transport("two"),
        "own": issue("own"),
        "self-signed": issue("one"),
        "expired": issue("one", by=issuing(), ends=timedelta(seconds=-1)),
        "late": issue("two", by=late_root),
    }
    world.register_certificate(own, issued["own"])

    hosts = ("as.example.com", "mtls.as.example.com")
    key = rsa_keys.key_of("server")
    issued["server"] = issue(
        hosts[0],
        by=issuing(),
        usages=(ExtendedKeyUsageOID.SERVER_AUTH,),
        names=tuple(map(x509.DNSName, hosts)),
        key=key,
    )
    folder = Path(sys.argv[1])
    person = Person(world.person("mariam", ecosystem), Http())
    person.sign_in()
    one = ThirdParty(Client.objects.get(client_id="one"), Http(), issued["one"])
    code = person.approves(one, one.push().json()["request_uri"])["code"]
    (folder / "token-of-one").write_text(one.redeem(code).json()["access_token"])
    # The suite may come to it later than its five minutes; its age is not what is tried here.
    AccessToken.objects.update(expires=timezone.now() + timedelta(hours=1))
    for name, each in issued.items():
        chain = issuing().pem if name == "server" else ""
        (folder / f"{name}.pem").write_text(each.pem + chain)
        (folder / f"{name}.key").write_text(each.key_pem)
    (folder / "root.pem").write_text(root().pem)
    (folder / "late-root.pem").write_text(late_root.pem)


if __name__ == "__main__":
    main()
