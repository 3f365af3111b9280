"""SQL functions of one session: what belongs to the row of a number.

The same number gives the same client, person, state and id wherever it is asked, so that rows of
different tables fit together without a look at each other.
"""

from dataclasses import dataclass

FIRST = 1_000_000  # keys of rows that were filled in begin behind this one
DAYS = 365
FIRST_NAMES = (
    "Mariam", "Omar", "Aisha", "Yusuf", "Fatima", "Khalid", "Layla", "Hassan", "Noor", "Salem",
    "Grace", "Oliver", "Priya", "Arjun", "Mei", "Chen", "Elena", "Mateo", "Sofia", "Jonas",
)  # fmt: skip
LAST_NAMES = (
    "Haddad", "Mansour", "Rahman", "Qureshi", "Nasser", "Farouk", "Saleh", "Aziz", "Karim",
    "Hamdan", "Walker", "Bennett", "Sharma", "Kapoor", "Lin", "Zhou", "Petrova", "Garcia",
    "Rossi", "Berg",
)  # fmt: skip
TRADES = ("Bank", "Payments", "Insurance", "Ledger", "Books", "Savings", "Finance", "Credit")
# So many of twenty consents are in each state; the newest ones are undecided.
STATES = {"Authorized": 7, "Expired": 7, "Revoked": 2, "Rejected": 2, "Consumed": 1, "Suspended": 1}
UNDECIDED = 0.003


@dataclass(frozen=True, kw_only=True)
class Volume:
    """How many rows there are; ``scale`` 1 is an ecosystem after a year, ``least`` of each kind."""

    scale: float = 1.0
    least: int = 10

    def __call__(self, count: int) -> int:
        return max(self.least, round(count * self.scale))

    @property
    def clients(self) -> int:
        return self(10_000)

    @property
    def people(self) -> int:
        return self(200_000)

    @property
    def consents(self) -> int:
        return self(5_000_000)


@dataclass(frozen=True, kw_only=True)
class Known:
    """Who is there already, and gets a share like the others: keys and names.

    The client gets the largest. The people, whose keys follow each other and whose names are
    ``person-0``, ``person-1``, ..., get what usual people have.
    """

    client: int
    client_id: str
    person: int
    people: int


def functions(volume: Volume, known: Known) -> tuple[str, ...]:
    """Their definitions. Few clients and people have many consents, most have few."""
    usual = FIRST + volume.people // 2
    states = ", ".join(f"'{state}'" for state, count in STATES.items() for _ in range(count))
    person = f"i BETWEEN {known.person} AND {known.person + known.people - 1}"
    return (
        _function(
            "share", "i bigint, salt bigint", "double precision",
            "(hashint8extended(i, salt) & 9007199254740991) / 9007199254740992.0::float8",
        ),
        _function(
            "client_key", "i bigint", "bigint",
            f"CASE i WHEN {FIRST + 1} THEN {known.client} ELSE i END",
        ),
        _function(
            "client_number", "i bigint", "bigint",
            f"{FIRST} + 1 + floor({volume.clients} * power(pg_temp.share(i, 1), 3))::bigint",
        ),
        _function(
            "person_key", "i bigint", "bigint",
            f"CASE WHEN i BETWEEN {usual} AND {usual + known.people - 1}"
            f" THEN i - {usual} + {known.person} ELSE i END",
        ),
        _function(
            "person_number", "i bigint", "bigint",
            f"{FIRST} + 1 + floor({volume.people} * power(pg_temp.share(i, 2), 1.5))::bigint",
        ),
        _function("consent_of", "i bigint", "uuid", "md5('consent ' || i)::uuid"),
        _function(
            "state_of", "i bigint", "text",
            f"CASE WHEN i > {round(volume.consents * (1 - UNDECIDED))}"
            f" THEN 'AwaitingAuthorization' ELSE (ARRAY[{states}])"
            f"[1 + floor({sum(STATES.values())} * pg_temp.share(i, 3))::int] END",
        ),
        _function(
            "at", "part double precision", "timestamptz",
            f"now() - (1 - part) * interval '{DAYS} days'",
        ),
        _function(
            "digest", "value text", "text", "encode(sha256(convert_to(value, 'UTF8')), 'hex')"
        ),
        _function(
            "handle", "value text", "text",
            "rtrim(translate(encode(sha256(convert_to(value, 'UTF8')), 'base64'), '+/', '-_'),"
            " '=')",
        ),
        _function("first_name", "i bigint", "text", _one_of(FIRST_NAMES, 11)),
        _function("last_name", "i bigint", "text", _one_of(LAST_NAMES, 12)),
        _function(
            "company", "i bigint", "text",
            f"{_one_of(LAST_NAMES, 13)} || ' ' || {_one_of(TRADES, 14)} || ' ' || i",
        ),
        _function(
            "client_id", "i bigint", "text",
            f"CASE i WHEN {known.client} THEN '{known.client_id}'"
            f" ELSE md5('client ' || (i - {FIRST}))::uuid::text END",
        ),
        _function(
            "username", "i bigint", "text",
            f"CASE WHEN {person} THEN 'person-' || (i - {known.person})"
            " ELSE lower(pg_temp.first_name(i) || '.' || pg_temp.last_name(i)) ||"
            f" (i - {FIRST}) END",
        ),
    )  # fmt: skip


def _one_of(names: tuple[str, ...], salt: int) -> str:
    array = ", ".join(f"'{each}'" for each in names)
    return f"(ARRAY[{array}])[1 + floor({len(names)} * pg_temp.share(i, {salt}))::int]"


def _function(name: str, arguments: str, returns: str, body: str) -> str:
    """STABLE, as what they call is: then PostgreSQL writes the body into the statement."""
    return (
        f"CREATE OR REPLACE FUNCTION pg_temp.{name}({arguments}) RETURNS {returns} LANGUAGE sql"
        f" STABLE PARALLEL SAFE AS $$ SELECT {body} $$"
    )
