"""Who appears in the demo: ecosystems, companies, people and their accounts. All of it invented."""

from dataclasses import dataclass

ACCOUNT_ACCESS = "urn:openfinanceuae:account-access-consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ecosystem:
    """``own_scopes`` are those that a client may have for itself, without a person; ``claims`` what
    it may be told of a person one by one.
    """

    slug: str
    name: str
    profile: str
    scopes: tuple[str, ...]
    own_scopes: tuple[str, ...]
    claims: tuple[str, ...] = ()
    authorization_details_types: tuple[str, ...] = ()
    summary: str

    @property
    def has_people(self) -> bool:
        return "openid" in self.scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company as directories know it; ``purpose`` completes the sentence "it offers"."""

    slug: str
    trading_name: str
    legal_name: str
    registration_number: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account at the bank; ``balance`` is a decimal in the currency's usual notation."""

    id: str
    name: str
    type: str
    iban: str
    currency: str
    balance: str
    reason: str = ""

    @property
    def shareable(self) -> bool:
        return not self.reason

    @property
    def last4(self) -> str:
        return self.iban[-4:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    username: str
    display_name: str
    email: str
    customer_id: str
    accounts: tuple[Account, ...]


OPENFINANCE = Ecosystem(
    slug="openfinance",
    name="Open Finance Sandbox",
    profile="fapi2-message-signing",
    scopes=("openid", "accounts"),
    own_scopes=("accounts",),
    claims=("name", "email"),
    authorization_details_types=("account_information",),
    summary="FAPI 2.0 Message Signing",
)
UAE = Ecosystem(
    slug="uae",
    name="Open Finance UAE Sandbox",
    profile="cbuae",
    scopes=("openid", "accounts"),
    own_scopes=("accounts",),
    claims=("name", "email"),
    authorization_details_types=(f"{ACCOUNT_ACCESS}:v2.1", f"{ACCOUNT_ACCESS}:v1.0"),
    summary="the UAE security profile",
)
MESSAGE_SCOPES = ("ffi-core", "ffi-contract", "ffi-notification")
FFI = Ecosystem(
    slug="ffi",
    name="Message Exchange Sandbox",
    profile="ffi",
    scopes=MESSAGE_SCOPES,
    own_scopes=MESSAGE_SCOPES,
    summary="machines that act for themselves",
)
ECOSYSTEMS = (OPENFINANCE, UAE, FFI)

LANTERN = Company(
    slug="lantern",
    trading_name="Lantern Budget",
    legal_name="Lantern Money Ltd",
    registration_number="DEMO-448120",
    purpose="a monthly budget from all your accounts",
)
TIDEWATER = Company(
    slug="tidewater",
    trading_name="Tidewater Loans",
    legal_name="Tidewater Credit Ltd",
    registration_number="DEMO-771903",
    purpose="a loan decision without paper statements",
)
BANK = Company(
    slug="bank",
    trading_name="Halcyon Bank",
    legal_name="Halcyon Bank PJSC",
    registration_number="DEMO-100007",
    purpose="",
)
REGISTRY = Company(
    slug="registry",
    trading_name="Harbour Registry",
    legal_name="Harbour Registry Authority",
    registration_number="DEMO-204417",
    purpose="",
)
PENSIONS = Company(
    slug="pensions",
    trading_name="Marram Pensions",
    legal_name="Marram Pensions Agency",
    registration_number="DEMO-550231",
    purpose="",
)
TPPS = (LANTERN, TIDEWATER)
MACHINES = (REGISTRY, PENSIONS)

# The bank's message APIs: the scope of each, and whether the bank looks at it.
MESSAGE_APIS = {"core": True, "contract": True, "notification": False}

JONAS = Person(
    username="jonas",
    display_name="Jonas Albrecht",
    email="jonas@example.com",
    customer_id="C-1042",
    accounts=(
        Account(
            id="1042-017731",
            name="Everyday",
            type="CurrentAccount",
            iban="AE619990000001042017731",
            currency="AED",
            balance="8214.60",
        ),
        Account(
            id="1042-017758",
            name="Rainy day",
            type="Savings",
            iban="AE119990000001042017758",
            currency="AED",
            balance="41500.00",
        ),
        Account(
            id="1042-019910",
            name="House, with Mira",
            type="CurrentAccount",
            iban="AE109990000001042019910",
            currency="AED",
            balance="1920.35",
            reason="This account has two holders; the other one has not agreed to sharing.",
        ),
    ),
)
AMIRA = Person(
    username="amira",
    display_name="Amira Haddad",
    email="amira@example.com",
    customer_id="C-2210",
    accounts=(
        Account(
            id="2210-034467",
            name="Salary",
            type="CurrentAccount",
            iban="AE099990000002210034467",
            currency="AED",
            balance="15330.75",
        ),
        Account(
            id="2210-034483",
            name="Travel",
            type="CurrentAccount",
            iban="AE629990000002210034483",
            currency="USD",
            balance="2750.00",
        ),
        Account(
            id="2210-088120",
            name="Card",
            type="CreditCard",
            iban="AE739990000002210088120",
            currency="AED",
            balance="-1210.40",
        ),
    ),
)
NOURA = Person(
    username="noura",
    display_name="Noura Saleh",
    email="noura@example.com",
    customer_id="C-3307",
    accounts=(
        Account(
            id="3307-051126",
            name="Household",
            type="CurrentAccount",
            iban="AE579990000003307051126",
            currency="AED",
            balance="6120.00",
        ),
        Account(
            id="3307-051142",
            name="Studies",
            type="Savings",
            iban="AE139990000003307051142",
            currency="AED",
            balance="18450.25",
        ),
    ),
)
PEOPLE = (NOURA, JONAS, AMIRA)
OPERATOR = "operator"
