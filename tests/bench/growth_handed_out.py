"""Rows of what was handed out: most of them are over, kept as a record or until ``purge``."""

from collections.abc import Iterator

from tests.bench.growth_functions import FIRST, Volume
from tests.bench.growth_shape import HAS_TOKENS, Shape

# Consents whose code and refresh token there are, the newest: those that a client still uses.
RECENT = 0.4
END_OF_A_CONSENT = (
    "CASE k.state WHEN 'Expired' THEN k.made + pg_temp.share(k.n, 9) * (now() - k.made)"
    " ELSE now() + (1 + 179 * pg_temp.share(k.n, 9)) * interval '1 day' END"
)


def _codes_and_refresh_tokens(volume: Volume) -> Iterator[Shape]:
    """Their keys are that of their consent's number."""
    common = {
        "id": "k.key",
        "application_id": "k.client",
        "user_id": "k.person",
        "consent_id": "pg_temp.consent_of(k.n)",
        "created": "k.made",
        "updated": "k.made",
    }
    first = volume.consents - round(volume.consents * RECENT)
    yield Shape(
        table="tokens_authorizationcode",
        first=first,
        last=volume.consents,
        among=HAS_TOKENS,
        columns=common
        | {
            "code": "pg_temp.digest('code ' || k.n)",
            "expires": "k.made + interval '1 minute'",
            "used_at": "k.made + interval '2 seconds'",
        },
    )
    yield Shape(
        table="tokens_refreshtoken",
        first=first,
        last=volume.consents,
        among=HAS_TOKENS,
        columns=common
        | {
            "token_checksum": "pg_temp.digest('refresh ' || k.n)",
            "authorization_code_id": "k.key",
            "expires": END_OF_A_CONSENT,
            "revoked": (
                "CASE WHEN pg_temp.share(k.n, 15) < 0.03"
                " THEN k.made + pg_temp.share(k.n, 16) * (now() - k.made) END"
            ),
        },
    )


def _access_tokens(volume: Volume) -> Iterator[Shape]:
    """Of the last hundred days: two of three by a refresh token, one for the client alone."""
    count = volume(3_200_000)
    made = f"now() - (1 - k.i / {count}::float8) * interval '100 days'"
    common = {
        "id": "k.key",
        "application_id": "k.client",
        "token_checksum": "pg_temp.digest('access ' || k.i)",
        "jti": "pg_temp.handle('jti ' || k.i)",
        "created": made,
        "updated": made,
        "expires": (
            f"CASE WHEN pg_temp.share(k.i, 17) < 0.06 THEN now() + interval '1 hour'"
            f" ELSE {made} + interval '5 minutes' END"
        ),
        "cnf": ("jsonb_build_object('x5t#S256', pg_temp.handle('certificate ' || k.client::text))"),
    }
    recent = round(volume.consents * RECENT)
    yield Shape(
        table="tokens_accesstoken",
        last=count,
        number=f"{volume.consents} - (i * 7919) % {recent}",
        like="refresh_token_id IS NOT NULL",
        among=f"k.i % 3 < 2 AND {HAS_TOKENS}",
        columns=common
        | {
            "user_id": "k.person",
            "consent_id": "pg_temp.consent_of(k.n)",
            "refresh_token_id": f"{FIRST} + k.n",
            "authorization_code_id": f"{FIRST} + k.n",
            "subject": "pg_temp.handle('subject ' || k.person)",
        },
    )
    yield Shape(
        table="tokens_accesstoken",
        last=count,
        like="user_id IS NULL",
        among="k.i % 3 = 2",
        columns=common | {"subject": "pg_temp.client_id(k.client)"},
    )


def _requests(volume: Volume) -> Iterator[Shape]:
    """Pushed requests and transactions of the newest consents; the last ones are still open."""
    pushed, opened = volume(700_000), volume(500_000)
    is_open = f"k.i > {pushed - pushed // 350}"
    number = f"{volume.consents - pushed} + i"
    over = "k.made + interval '80 seconds'"
    yield Shape(
        table="tokens_pushedrequest",
        last=pushed,
        number=number,
        like="consent_id IS NOT NULL",
        columns={
            "id": "k.key",
            "client_id": "k.client",
            "digest": "pg_temp.digest('pushed ' || k.i)",
            "consent_id": "pg_temp.consent_of(k.n)",
            "created_at": "k.made",
            "expires_at": (
                f"CASE WHEN {is_open} THEN now() + interval '10 minutes'"
                " ELSE k.made + interval '90 seconds' END"
            ),
            "completed_at": f"CASE WHEN {HAS_TOKENS} THEN {over} END",
        },
    )
    yield Shape(
        table="tokens_authorizationtransaction",
        first=pushed - opened + 1,
        last=pushed,
        number=number,
        columns={
            "id": "k.key",
            "pushed_request_id": "k.key",
            "handle": "pg_temp.handle('transaction ' || k.i)",
            "browser_digest": "pg_temp.digest('browser ' || k.i)",
            "user_id": "k.person",
            "opened_at": "k.made",
            "expires_at": (
                f"CASE WHEN {is_open} THEN now() + interval '10 minutes'"
                " ELSE k.made + interval '10 minutes' END"
            ),
            "completed_at": f"CASE WHEN {HAS_TOKENS} THEN {over} END",
            "decision": f"CASE WHEN {HAS_TOKENS} THEN 'approved' ELSE '' END",
        },
    )


def _proofs(volume: Volume) -> Iterator[Shape]:
    count = volume(3_500_000)
    yield Shape(
        table="replay_usedproof",
        last=count,
        bare=True,
        columns={
            "digest": "pg_temp.digest('proof ' || k.i)",
            "expires_at": (
                f"now() + interval '2 minutes' - (1 - k.i / {count}::float8) * interval '20 hours'"
            ),
        },
    )


GROUPS = (_codes_and_refresh_tokens, _access_tokens, _requests, _proofs)
