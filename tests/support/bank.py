"""The bank's account source, as the authorization server sees it over the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from authserver.outbound import Fetched, OutboundError

EVERYDAY = {
    "id": "acc-1",
    "name": "Everyday",
    "type": "CurrentAccount",
    "iban": "AE070331234567890127731",
    "currency": "AED",
    "balance": "8214.60",
    "shareable": True,
    "reason": "",
}
SAVINGS = EVERYDAY | {
    "id": "acc-2",
    "name": "Rainy day",
    "type": "Savings",
    "last4": "7758",
    "balance": "-41500.00",
}
JOINT = EVERYDAY | {
    "id": "acc-3",
    "name": "House",
    "shareable": False,
    "reason": "The other holder has not agreed.",
}


@dataclass
class Bank:
    """Answers for ``fetch_json``; keeps every address and header that it was asked with."""

    answer: Any = field(default_factory=lambda: [EVERYDAY, SAVINGS, JOINT])
    fault: str = ""
    people: dict[str, str] = field(default_factory=dict)  # person id to name
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def fetch_json(
        self, url: str, *, max_bytes: int = 65_536, headers: Mapping[str, str] | None = None
    ) -> Fetched:
        self.asked.append((url, dict(headers or {})))
        if self.fault:
            raise OutboundError(self.fault)
        *_, person_id = url.split("/people/")
        if not person_id.endswith("/accounts"):
            return self._named(unquote(person_id))
        return Fetched(status=200, json=self.answer, headers={})

    def _named(self, person_id: str) -> Fetched:
        if person_id not in self.people:
            raise OutboundError("the answer has the status 404")
        named = {"id": person_id, "name": self.people[person_id]}
        return Fetched(status=200, json=named, headers={})
