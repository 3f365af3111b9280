"""The JSON that a plan is created with: our server, two clients with their keys, the browser.

The suite's browser is driven by element ids. It opens a new cookie jar for every module; inside
one, a second visit may find the person signed in and the scopes approved, so all steps on our
pages are optional and one script serves nearly every module.
"""

from typing import Any
from urllib.parse import urlsplit

from authserver.ecosystems.models import Ecosystem
from clients.models import Client
from deploy.conformance import names
from deploy.conformance.details import SENT
from deploy.conformance.material import Material, Party
from deploy.conformance.plans import Run

MODULE = "fapi2-security-profile-final-"
SECONDS = 10  # how long the suite's browser waits for an element
Task = dict[str, Any]


def configuration(
    run: Run,
    *,
    alias: str,
    suite: str,
    resource: str,
    ecosystem: Ecosystem,
    clients: tuple[Client, Client],
    material: Material,
) -> dict[str, Any]:
    """Return the suite's configuration for a run whose rows are in place."""
    first, second = (material.parties[name] for name in ("first", "second"))
    script = _Script(
        ecosystem=ecosystem,
        callback=names.callback_url(suite, alias),
        username=names.username(alias),
        password=material.secret["password"],
    )
    visit = script.visit(script.whole_way(decision="consent-approve"))
    refusal = (
        script.whole_way(decision="consent-refuse")
        if run.variant.is_rich
        else script.cancelled_at_login()
    )
    return {
        "alias": alias,
        "description": f"{run.plan} of {ecosystem.issuer}",
        "server": {"discoveryUrl": discovery_url(ecosystem, openid=run.variant.is_openid)},
        "client": _client(run, clients[0], first, dpop_algorithm="PS256"),
        "client2": _client(run, clients[1], second, dpop_algorithm="ES256"),
        "mtls": _mutual_tls(run, material, first),
        "mtls2": _mutual_tls(run, material, second),
        "resource": _resource(run, ecosystem, resource),
        "browser": [visit],
        "override": {
            f"{MODULE}user-rejects-authentication": {"browser": [script.visit(refusal)]},
            f"{MODULE}par-ensure-reused-request-uri-prior-to-auth-completion-succeeds": {
                "browser": [script.visit(script.only_a_look()) | {"match-limit": 1}, visit]
            },
        },
        "options": {"browsercontrol_css_enable": False},
    }


def discovery_url(ecosystem: Ecosystem, *, openid: bool) -> str:
    if openid:
        return f"{ecosystem.issuer}/.well-known/openid-configuration"
    issuer = urlsplit(ecosystem.issuer)
    return f"https://{issuer.netloc}/.well-known/oauth-authorization-server{issuer.path}"


def _client(run: Run, client: Client, party: Party, *, dpop_algorithm: str) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "scope": "openid profile accounts" if run.variant.is_openid else "accounts payments",
        "jwks": {"keys": [party.private_jwk]},
        "dpop_signing_alg": dpop_algorithm,
    }


def _mutual_tls(run: Run, material: Material, party: Party) -> dict[str, str]:
    return {
        "cert": party.certificate_for(run.authentication_method).read_text(),
        "key": party.transport_key.read_text(),
        "ca": material.authorities[1].path.read_text(),
    }


def _resource(run: Run, ecosystem: Ecosystem, resource: str) -> dict[str, Any]:
    """Userinfo where there is a person who said openid, else the kit's own resource."""
    url = (
        f"{ecosystem.machine_base}/userinfo"
        if run.variant.is_openid
        else f"{resource}/{ecosystem.slug}/whoami"
    )
    if not run.variant.is_rich:
        return {"resourceUrl": url}
    return {"resourceUrl": url, "richAuthorizationRequest": [dict(SENT[run.profile])]}


class _Script:
    """Our pages by their element ids, and the suite's own page at the end."""

    def __init__(
        self, *, ecosystem: Ecosystem, callback: str, username: str, password: str
    ) -> None:
        self.issuer = ecosystem.issuer
        self.login = f"https://{urlsplit(ecosystem.issuer).netloc}/accounts/login*"
        self.callback = callback
        self.username = username
        self.password = password

    def visit(self, tasks: list[Task]) -> dict[str, Any]:
        return {"match": f"{self.issuer}/authorize*", "tasks": tasks}

    def whole_way(self, *, decision: str) -> list[Task]:
        sign_in = [
            ["text", "id", "login-username", self.username],
            ["text", "id", "login-password", self.password],
            ["click", "id", "login-submit"],
        ]
        choose = [["click", "id", "account-1"], ["click", "id", "accounts-continue"]]
        return [
            self._login_page("Sign in", sign_in),
            self._page("Choose accounts", "/consent/*/accounts*", choose),
            self._page("Decide", "/consent/*", [["click", "id", decision]]),
            *self._endings(),
        ]

    def cancelled_at_login(self) -> list[Task]:
        """An approval of an earlier module is remembered, so the consent may not be shown."""
        cancel = self._login_page("Cancel", [["click", "id", "journey-cancel"]])
        return [cancel, *self._endings()]

    def only_a_look(self) -> list[Task]:
        return [self._login_page("Look", [["wait", "id", "login-username", SECONDS]])]

    def _endings(self) -> list[Task]:
        snapshot = [
            ["wait", "id", "error-page", SECONDS, "(?s).*", "update-image-placeholder-optional"]
        ]
        return [
            self._page("Keep the error page", "/authorize*", snapshot),
            {
                "task": "Be back at the suite",
                "match": f"{self.callback}*",
                "optional": True,
                "commands": [["wait", "id", "submission_complete", SECONDS]],
            },
        ]

    def _login_page(self, task: str, commands: list[list[Any]]) -> Task:
        return {
            "task": task,
            "match": self.login,
            "optional": True,
            "commands": commands,
        }

    def _page(self, task: str, path: str, commands: list[list[Any]]) -> Task:
        return {
            "task": task,
            "match": self.issuer + path,
            "optional": True,
            "commands": commands,
        }
