"""What strangers chose to be called is shown as they wrote it, and never run."""

import pytest
from django.contrib import admin
from django.urls import reverse

from authserver.audit.events import Event
from authserver.audit.models import AuditEvent, Refusal
from authserver.ecosystems.models import Ecosystem
from clients.models import Client, ClientCertificate, Contact, Participant
from consents.models import Consent
from tests.support.operator import page, verbs_of

case = pytest.mark.case
SCRIPT = "<script>alert(1)</script>"
BROKEN_OUT = "\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def hostile(tpp, granted, boss):
    """Every name that somebody else chooses, chosen by somebody hostile."""
    name = SCRIPT + BROKEN_OUT
    Ecosystem.objects.update(
        name=name, support=name, privacy_url="javascript:alert(1)", terms_url="javascript:alert(1)"
    )
    Participant.objects.filter(trading_name="Tpp").update(
        trading_name=name, legal_name=name, website="javascript:alert(1)"
    )
    owner = tpp.client.participant
    Contact.objects.create(participant=owner, kind="security", name=name, email="a@b.example")
    Client.objects.filter(client_id="tpp").update(
        name=name,
        description=name,
        scopes=[name],
        authorization_details_types=[name],
        redirect_uris="javascript:alert(1)",
        client_jwks_uri="",
    )
    ClientCertificate.objects.update(subject=f"CN={name}", issuer=f"CN={name}")
    Consent.objects.update(external_id=name, authorization_details=[{"type": name}])
    boss.presses(tpp.client, "suspend")
    AuditEvent.objects.create(event=Event.REQUEST_PUSHED, actor=name, facts={"note": name})
    Refusal.objects.create(
        ecosystem="openfinance",
        client_id=name,
        interaction_id=name[:36],
        endpoint="/par",
        error="invalid_request",
        clause="x",
        description=name,
        expected=name,
        seen=name,
    )
    return boss


@case("AD-07")
def test_no_page_of_the_site_runs_a_name(hostile):
    addresses = [reverse("admin:index"), page(Client, "add")]
    for model in admin.site._registry:
        if model._meta.model_name == "idtoken":
            continue
        addresses.append(page(model, "changelist"))
        for row in model._default_manager.all()[:3]:
            addresses.append(page(model, "change", row.pk))
            addresses += [page(model, "do", row.pk, verb.name) for verb in verbs_of(model)]

    seen = 0
    for address in addresses:
        shown = hostile.get(address).content.decode()
        assert SCRIPT not in shown, address
        assert "<img src=x" not in shown, address
        assert 'href="javascript:' not in shown.lower(), address
        seen += "&lt;script&gt;alert(1)" in shown
    assert seen > 15


@case("AD-07", "AZ-21")
def test_the_policy_of_the_site_would_stop_it_anyway(boss):
    policy = boss.get(reverse("admin:index"))["Content-Security-Policy"]

    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
