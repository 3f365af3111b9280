"""A TPP calls the bank's API with a token and its certificate."""

from tests.support import certificates


def call(tpp, token, *, path="/bank/accounts", scheme="Bearer", certificate="own", **headers):
    sent = {"Authorization": f"{scheme} {token}"} | headers
    shown = tpp.certificate if certificate == "own" else certificate
    if shown is not None:
        sent |= certificates.forwarded(shown.pem)
    return tpp.http.get(path, headers=sent, REQUEST_URI=path)
