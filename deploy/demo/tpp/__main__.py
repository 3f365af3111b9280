"""The TPP's web application: two invented companies, each registered where people are.

Started with the path of ``sandbox.json``; it speaks HTTPS on the kit's TPP port, with browsers,
with the authorization server and with the bank.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from deploy.demo.sandbox_kit import Kit
from deploy.demo.tpp import pages
from deploy.demo.tpp.connections import Connector, connectors
from deploy.demo.tpp.sessions import COOKIE, Visit, Visits
from deploy.local import signing
from deploy.local.https_server import Request, Response, as_json, see_other, serve, tls_context
from deploy.local.issuer import Failed

ROUTE = re.compile(r"/(?P<client_id>[a-z-]{1,60})/(?P<page>[a-z.]{0,20})")
JWKS = re.compile(r"/(?P<client_id>[a-z-]{1,60})/jwks\.json")
STYLE = Path(__file__).with_name("style.css").read_bytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """``own_base`` is where its pages live; ``policy`` is their Content-Security-Policy.

    ``keys`` are public keys by client_id, also of clients that have no page here.
    """

    connectors: Mapping[str, Connector]
    visits: Visits
    keys: Mapping[str, Mapping[str, str]]
    own_base: str
    policy: str

    def answer(self, request: Request) -> Response:
        if request.path == "/style.css":
            return Response(body=STYLE, content_type="text/css")
        if match := JWKS.fullmatch(request.path):
            return self._jwks(match["client_id"])
        browser = self.visits.browser(request.cookies.get(COOKIE, ""))
        response = self._routed(request, browser)
        cookie = f"{COOKIE}={browser}; Path=/; Secure; HttpOnly; SameSite=Lax"
        return replace(
            response,
            headers={
                **response.headers,
                "Set-Cookie": cookie,
                "Content-Security-Policy": self.policy,
            },
        )

    def _routed(self, request: Request, browser: str) -> Response:
        if request.path == "/":
            return _html(pages.start(self.connectors.values()))
        match = ROUTE.fullmatch(request.path)
        connector = self.connectors.get(match["client_id"]) if match else None
        if match is None or connector is None:
            return _gone()
        visit = self.visits.visit(browser, match["client_id"])
        if request.method == "POST" and not self._is_own_form(request):
            return _html("This form was sent from another site.", status=403)
        try:
            return self._client_page(request, connector, visit, match["page"])
        except (Failed, httpx.HTTPError) as fault:
            return _failed(fault, connector)

    def _client_page(
        self, request: Request, connector: Connector, visit: Visit, page: str
    ) -> Response:
        home = f"/{connector.client.client_id}/"
        match request.method, page:
            case "GET", "":
                shown = _html(pages.client(connector, visit))
                visit.tell("", "")
                return shown
            case "GET", "wire.json":
                return as_json([asdict(exchange) for exchange in visit.exchanges])
            case "GET", "callback":
                connector.come_back(visit, request.query)
            case "POST", "connect":
                return see_other(connector.connect(visit))
            case "POST", "refresh":
                connector.refresh(visit)
            case "POST", "forget":
                connector.disconnect(visit)
            case "POST", "steal":
                connector.be_robbed(visit)
            case _:
                return _gone()
        return see_other(home)

    def _jwks(self, client_id: str) -> Response:
        """Machines ask for this without a cookie: they are no browsers to remember."""
        if client_id not in self.keys:
            return _gone()
        return as_json({"keys": [self.keys[client_id]]})

    def _is_own_form(self, request: Request) -> bool:
        return request.headers.get("origin", self.own_base) == self.own_base


def application(kit: Kit) -> Application:
    servers = {urlsplit(one["issuer"])._replace(path="").geturl() for one in kit.issuers.values()}
    policy = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {' '.join(sorted(servers))}"
    )
    elsewhere = {server["client_id"] for server in kit.resource_servers}
    return Application(
        connectors=connectors(kit),
        visits=Visits(),
        keys={
            client_id: signing.public_jwk(client.signing_key)
            for client_id, client in kit.clients.items()
            if client_id not in elsewhere
        },
        own_base=kit.addresses.tpp_base,
        policy=policy,
    )


def _html(page: str, *, status: int = 200) -> Response:
    return Response(status=status, body=page.encode())


def _gone() -> Response:
    return _html("There is nothing here.", status=404)


def _failed(fault: Exception, connector: Connector) -> Response:
    failure = fault if isinstance(fault, Failed) else Failed("A server does not answer.")
    page = pages.failed(
        str(failure),
        error=failure.error,
        reference=failure.reference,
        back=f"/{connector.client.client_id}/",
    )
    return _html(page, status=502)


def main(path: Path) -> None:
    kit = Kit.read(path)
    pki = path.parent.parent / "pki"
    serve(
        application(kit).answer,
        host=kit.addresses.bind_host,
        port=kit.addresses.tpp_port,
        context=tls_context(certificate=pki / "server.pem", key=pki / "server.key"),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
