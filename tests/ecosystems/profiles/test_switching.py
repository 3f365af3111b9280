"""Before an ecosystem is switched to another profile: what its clients would break."""

from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client as Http
from django.urls import reverse

from authserver.accounts import roles
from authserver.accounts.models import User
from authserver.ecosystems.models import Ecosystem
from authserver.protocol import profiles
from clients.profile_report import report
from tests.support import world
from tests.support.person import Person

case = pytest.mark.case
requirement = pytest.mark.requirement
UAE = profiles.named("cbuae")


@pytest.fixture
def by_certificate(openfinance, make_tpp):
    """A client that the Security Profile admits and the UAE profile does not."""
    return make_tpp(
        "by-certificate",
        openfinance,
        token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_subject_dn="CN=by-certificate,O=Test,C=AE",
        signing_algorithm="ES256",
        access_token_format="opaque",
        state="suspended",
    )


@pytest.fixture
def by_reference(openfinance, make_tpp):
    """One that both admit: keys by reference, bound to its certificate, plain answers."""
    made = make_tpp("by-reference", openfinance)
    made.client.client_jwks = None
    made.client.client_jwks_uri = "https://tpp.example.com/jwks.json"
    made.client.save()
    return made


@requirement("PRODUCT-3")
def test_a_client_that_fits_both_profiles_is_not_reported(openfinance, by_reference):
    found = report(openfinance, UAE)

    assert found.is_clear
    assert found.clients == 1


@requirement("PRODUCT-3", "CBUAE-4.2a", "CBUAE-2.1.3")
def test_each_problem_is_reported_with_its_clause(openfinance, by_certificate, by_reference):
    found = report(openfinance, UAE)

    assert {
        (each.client.client_id, each.problem.field, each.problem.clause) for each in found.findings
    } == {
        ("by-certificate", "token_endpoint_auth_method", "CBUAE-2.1.3"),
        ("by-certificate", "signing_algorithm", "CBUAE-2.3a"),
        ("by-certificate", "client_jwks", "CBUAE-4.2b"),
    }
    assert all(each.is_new for each in found.findings)
    assert found.clients_that_break == 1
    assert not found.is_clear


@requirement("PRODUCT-3")
def test_a_problem_that_is_there_already_is_told_apart(openfinance, by_certificate):
    by_certificate.client.scopes = ["unheard-of"]
    by_certificate.client.save()

    found = report(openfinance, UAE)

    old = [each.problem.field for each in found.findings if not each.is_new]
    assert old == ["scopes"]


@requirement("PRODUCT-3")
def test_the_ecosystems_own_settings_are_reported_too(openfinance):
    openfinance.signing_algorithm = "ES256"
    openfinance.access_token_seconds = 600
    openfinance.save()

    found = report(openfinance, profiles.named("ffi"))
    stricter = report(openfinance, UAE)

    assert found.settings == (("access_token_seconds", "At most 300 [FFI-12]."),)
    assert [field for field, _ in stricter.settings] == ["signing_algorithm"]


@requirement("PRODUCT-3")
def test_a_report_changes_nothing(openfinance, by_certificate):
    before = (
        list(Ecosystem.objects.values()),
        list(openfinance.clients.values()),
        openfinance.profile,
    )

    report(openfinance, UAE)

    assert before == (
        list(Ecosystem.objects.values()),
        list(openfinance.clients.values()),
        openfinance.profile,
    )


@requirement("PRODUCT-3", "CBUAE-4.2a")
def test_a_switch_that_breaks_a_client_is_refused_and_one_that_does_not_is_not(
    openfinance, by_certificate, by_reference
):
    openfinance.profile = "cbuae"
    with pytest.raises(ValidationError, match="by-certificate"):
        openfinance.full_clean()

    by_certificate.client.delete()
    openfinance.full_clean()


def printed(*arguments):
    out = StringIO()
    call_command("profile_report", *arguments, stdout=out)
    return out.getvalue()


@requirement("PRODUCT-3")
def test_the_command_prints_the_report(openfinance, by_certificate, by_reference):
    text = printed("openfinance", "cbuae")

    assert text.startswith(
        "Openfinance under Open Finance UAE security profile: 1 of 2 client(s) would break.\n"
    )
    lines = [line.split() for line in text.splitlines()[2:]]
    assert {(words[0], words[1], words[-1]) for words in lines} == {
        ("by-certificate", "token_endpoint_auth_method", "CBUAE-2.1.3"),
        ("by-certificate", "signing_algorithm", "CBUAE-2.3a"),
        ("by-certificate", "client_jwks", "CBUAE-4.2b"),
    }


@requirement("PRODUCT-3")
def test_the_command_says_when_nothing_would_break(openfinance, by_reference):
    assert printed("openfinance", "cbuae").endswith("nothing would break, 1 client(s) fit.\n")


@pytest.mark.django_db
def test_the_command_knows_its_ecosystems_and_profiles():
    with pytest.raises(CommandError, match="no ecosystem nowhere"):
        call_command("profile_report", "nowhere", "cbuae")
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("profile_report", "openfinance", "no-such-profile")


@pytest.fixture
def operator(openfinance):
    """Somebody of the operators' group, signed in with two factors."""
    user = world.person("operator")
    user.is_staff = True
    user.save()
    user.groups.set(user.groups.model.objects.filter(name=roles.OPERATORS))
    made = Person(user, Http())
    made.sign_in()
    return made


def page(operator, **query):
    response = operator.browser.get(reverse("admin:profiles"), query)
    assert response.status_code == 200
    return response.content.decode()


@requirement("PRODUCT-6")
def test_an_operator_reads_a_profile_as_a_table(operator):
    text = page(operator, profile="cbuae")

    assert 'id="rules"' in text
    assert "CBUAE-2.1.11" in text
    assert "authserver/endpoints/par.py" in text


@requirement("PRODUCT-6")
def test_an_operator_compares_two_profiles(operator):
    text = page(operator, profile="cbuae", compare="ffi")

    assert 'id="differences"' in text
    assert "CBUAE-2.1.9" in text
    assert "CBUAE-2.1.12" not in text


@requirement("PRODUCT-3")
def test_an_operator_sees_what_a_switch_would_break(operator, by_certificate):
    text = page(operator, profile="cbuae", ecosystem="openfinance")

    assert "1 of 1 client would break" in text
    assert "CBUAE-2.1.3" in text
    assert reverse("admin:clients_client_change", args=[by_certificate.client.pk]) in text
    assert 'id="report-clear"' in page(operator, profile="fapi2-security", ecosystem="openfinance")


@requirement("PRODUCT-3")
def test_the_start_page_and_the_ecosystem_lead_there(operator, openfinance):
    url = reverse("admin:profiles")

    assert f'href="{url}"' in operator.browser.get(reverse("admin:index")).content.decode()
    change = reverse("admin:ecosystems_ecosystem_change", args=[openfinance.pk])
    assert f"{url}?ecosystem=openfinance" in operator.browser.get(change).content.decode()


@pytest.mark.parametrize("query", [{"profile": "no-such"}, {"compare": "x"}, {"ecosystem": "x"}])
def test_what_there_is_not_is_not_found(operator, query):
    assert operator.browser.get(reverse("admin:profiles"), query).status_code == 404


@case("AD-01")
@pytest.mark.parametrize(
    ("who", "status"), [("a stranger", 302), ("a customer", 403), ("one factor", 303)]
)
def test_the_page_is_for_operators(operator, who, status):
    assert page(operator)
    visitor = Http()
    if who != "a stranger":
        User.objects.filter(pk=operator.user.pk).update(is_staff=who == "one factor")
        somebody = Person(operator.user, visitor)
        somebody.sign_in(factors=1 if who == "one factor" else 2)

    response = visitor.get(reverse("admin:profiles"))

    assert response.status_code == status
    assert b"FAPI 2.0 Security Profile" not in response.content
