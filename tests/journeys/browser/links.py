"""A person follows the link of a client."""

import json
from urllib.parse import urlencode


def opens(page, tpp, *wanted, **changes):
    """Follow the link of a client that asks for these details."""
    page.route("https://tpp.example.com/**", lambda route: route.fulfill(body="The client"))
    if wanted:
        changes["authorization_details"] = json.dumps(wanted)
    pushed = tpp.push(**changes).json()["request_uri"]
    query = urlencode({"client_id": tpp.client_id, "request_uri": pushed})
    page.goto(f"/{tpp.ecosystem.slug}/authorize?{query}")
