"""What the proxy hands on is one certificate and nothing around it."""

from urllib.parse import quote

import pytest

from tests.support import certificates

case = pytest.mark.case


def with_text(pem: str) -> str:
    return "subject=CN=tpp\n" + pem


CHANGES = {
    "text before it": with_text,
    "text behind it": lambda pem: pem + "subject=CN=tpp\n",
    "another block behind it": lambda pem: pem + certificates.issue("other").pem,
    "another kind of block": lambda pem: (
        pem + "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"
    ),
    "a header inside": lambda pem: pem.replace("-----\n", "-----\nComment: x\n\n", 1),
    "NUL behind it": lambda pem: pem + "\x00",
    "blanks before it": lambda pem: "\n " + pem,
}


@case("MT-26", "MT-03")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_block_with_anything_around_it_is_refused(tpp, change):
    pem = tpp.certificate.pem
    assert tpp.push().status_code == 201
    sent = certificates.forwarded(pem)

    sent["X-SSL-Client-Cert"] = quote(change(pem), safe="")
    names = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in sent.items()}
    answer = tpp.http.post(
        "/openfinance/par",
        "client_id=tpp",
        content_type="application/x-www-form-urlencoded",
        **names,
    )
    assert answer.status_code == 400
    assert "the client certificate cannot be read" in answer.json()["error_description"]
