"""docs/errors.md: the error catalogue, for those who develop clients."""

from collections.abc import Iterable
from http import HTTPStatus
from itertools import chain

from authserver.protocol.errors import OAuthError
from docs.generator.error_advice import BY_CODE, IN_THE_AUTHORIZATION_RESPONSE
from docs.generator.markdown import code, linked, page, table
from docs.generator.raised import OF_THE_CALLER, classes, refusals
from docs.generator.requirement_groups import address

INTRODUCTION = """\
An endpoint for machines answers with JSON: `error` is one of the codes below, `error_description`
one fixed sentence, followed by the clause that was broken in square brackets. Input is never
echoed. What was expected and what was seen is kept for the operator, who finds it by the
`x-fapi-interaction-id` of the answer (Admin, Start; the server's log where nobody was identified):
the reference that a page shows to a person. At the authorization endpoint an error that the client
may see goes back to its redirect URI; what casts doubt on the client or the URI is shown to the
person alone.

`server_error` (500) is a fault of the server: try again later and, if it stays, report the
`x-fapi-interaction-id` to the operator.

A word in `<angle brackets>` stands for the name of a parameter or a number. Where a sentence has
several clauses, the answer names the one that applies: an ecosystem's profile may cite its own."""


def render() -> str:
    return page(
        "Errors",
        INTRODUCTION,
        table(["Code", "Status", "Meaning"], map(_summary, codes())),
        *chain.from_iterable(map(_section, codes())),
    )


def codes() -> list[str]:
    """Each code once, in the order of the classes."""
    return list(dict.fromkeys(each.code for each in classes().values()))


def _classes_of(error: str) -> list[type[OAuthError]]:
    return [each for each in classes().values() if each.code == error]


def _status(error: str) -> str:
    if error in IN_THE_AUTHORIZATION_RESPONSE:
        return "in the authorization response"
    statuses = sorted({int(each.status) for each in _classes_of(error)})
    return " or ".join(f"{status} {HTTPStatus(status).phrase}" for status in statuses)


def _summary(error: str) -> list[str]:
    return [f"[{code(error)}](#{error})", _status(error), BY_CODE[error].meaning]


def _section(error: str) -> Iterable[str]:
    advice = BY_CODE[error]
    yield f"## {error}"
    yield f"{advice.meaning} ({_status(error)})"
    yield f"How to fix it: {advice.fix}"
    rows = _sentences(error)
    if rows:
        yield table(["Sentence", "Clause", "Raised in"], rows)


def _sentences(error: str) -> list[list[str]]:
    by_sentence: dict[str, tuple[set[str], set[str]]] = {}
    for each in refusals():
        if each.error.code == error:
            clauses, places = by_sentence.setdefault(each.sentence, (set(), set()))
            clauses.update(each.clauses)
            places.add(each.place)
    return [
        [
            code(sentence),
            "<br>".join(map(_clause, sorted(clauses))),
            "<br>".join(map(code, sorted(places))),
        ]
        for sentence, (clauses, places) in sorted(by_sentence.items())
    ]


def _clause(name: str) -> str:
    return name if name == OF_THE_CALLER else linked(name, address(name))
