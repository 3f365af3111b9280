"""An ecosystem of machines, and who takes part in it."""

from typing import Any

import pytest

from tests.support import world
from tests.support.tpp import ThirdParty

SCOPES = {
    "core": "Send and fetch messages",
    "contract": "Read the contract between you",
    "notification": "Be told that an answer is there",
}


@pytest.fixture
def ffi(db) -> Any:
    """An ecosystem whose scopes are names of its own."""
    return world.ecosystem(
        "ffi", profile="ffi", scopes=SCOPES, client_credentials_scopes=list(SCOPES)
    )


@pytest.fixture
def respondent(ffi) -> Any:
    return world.bank(ffi, scopes=list(SCOPES), identifier="https://respondent.example.com")


@pytest.fixture
def requestor(ffi, respondent, make_tpp) -> ThirdParty:
    """A machine that signs assertions, and presents its registered certificate beside them."""
    return make_tpp(
        "requestor",
        ffi,
        grant_types=["client_credentials"],
        scopes=["core", "contract"],
        redirect_uris="",
        authorization_details_types=[],
    )


@pytest.fixture
def by_certificate(ffi, respondent, make_tpp) -> ThirdParty:
    """A machine that its certificate alone identifies."""
    return make_tpp(
        "by-certificate",
        ffi,
        token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_subject_dn="CN=by-certificate,O=Test,C=AE",
        grant_types=["client_credentials"],
        scopes=["core"],
        redirect_uris="",
        authorization_details_types=[],
    )
