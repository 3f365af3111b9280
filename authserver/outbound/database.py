"""No transaction is open, and no connection is held, while we wait for somebody else's host."""

from django.db import connection

from authserver.protocol.requirements import case


class TransactionIsOpen(RuntimeError):
    """Whoever calls would hold rows locked for as long as a stranger's host takes."""


@case("F-07")
def let_go_of_the_database() -> None:
    """Give the connection back to the pool; raise TransactionIsOpen where it cannot be.

    To be called before anything that waits. What is open is told as Django tells it for durable
    blocks: those of its own test cases do not count.
    """
    if any(not each._from_testcase for each in connection.atomic_blocks):  # type: ignore[attr-defined]
        raise TransactionIsOpen("fetch before the transaction begins, or after it has ended")
    if not connection.in_atomic_block:
        connection.close()
