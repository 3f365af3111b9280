"""Lists as CSV that a spreadsheet shows and never calculates."""

import csv
import io
from collections.abc import Iterable, Sequence

from authserver.protocol.requirements import case

FULL_WIDTH = ("\uff1d", "\uff0b", "\uff0d", "\uff20")  # of = + - @
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *FULL_WIDTH)
MARK = "'"


@case("AD-09")
def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return the rows as CSV (RFC 4180), every cell quoted and none of them a formula."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    for row in rows:
        writer.writerow([neutral(str(cell)) for cell in row])
    return written.getvalue()


def neutral(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would calculate.

    Before an apostrophe too, so that taking one away brings back every cell as it was.
    """
    return MARK + cell if cell.startswith((*STARTS_A_FORMULA, MARK)) else cell
