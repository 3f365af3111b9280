"""Account and card numbers as operators see them: the last four digits."""

import re
from typing import Any

from authserver.protocol.requirements import case

IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")
CARD = re.compile(r"\b\d(?:[ -]?\d){11,18}\b")


@case("AD-12")
def masked(value: Any) -> Any:
    """Return the JSON value with every account and card number inside it shortened."""
    match value:
        case str():
            return CARD.sub(_last_four, IBAN.sub(_last_four, value))
        case dict():
            return {name: masked(each) for name, each in value.items()}
        case list():
            return [masked(each) for each in value]
    return value


def _last_four(digits: re.Match[str]) -> str:
    return "•••• " + "".join(filter(str.isalnum, digits[0]))[-4:]
