"""Names that the parts of the kit know each other by."""


def username(alias: str) -> str:
    """The person of an alias. Runs that go on at the same time share nobody, since sign-ins
    of one person at the same moment are held back as an attack on a password."""
    return f"{alias}-person"


def client_id(alias: str, party: str) -> str:
    """One of the two clients that the suite plays under an alias."""
    return f"{alias}-{party}"


def resource_client_id(ecosystem: str) -> str:
    """The client by which the kit's resource introspects tokens of an ecosystem."""
    return f"{ecosystem}-resource"


def callback_url(suite: str, alias: str) -> str:
    """Where the suite, at this base URL, receives authorization responses."""
    return f"{suite}/test/a/{alias}/callback"
