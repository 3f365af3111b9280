"""No transaction is open, and no connection is held, while we wait for somebody else's host."""

from django.db import connection

from authserver.protocol.requirements import case
from authserver.storage.django_internals import a_transaction_is_open


class TransactionIsOpen(RuntimeError):
    """Whoever calls would hold rows locked for as long as a stranger's host takes."""


@case("F-07")
def let_go_of_the_database() -> None:
    """Give the connection back to the pool; raise TransactionIsOpen where it cannot be.

    To be called before anything that waits.
    """
    if a_transaction_is_open(connection):
        raise TransactionIsOpen("fetch before the transaction begins, or after it has ended")
    if not connection.in_atomic_block:
        connection.close()
