"""What it takes to be alive is written beside the model, and nowhere a second time.

The columns are those that the models' conditions name. A query or a comparison that names one of
them by hand is a second definition, unless it asks something else: those are named here, each with
its reason.
"""

import ast
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from docs.generator.source import PRODUCT, Module, called_name, functions, modules, qualified
from tests.architecture.findings import assert_none
from tests.support.combinations import every_condition

QUERIES = {"Q", "alias", "exclude", "filter", "get", "get_object_or_404"}
LOOKUPS = {"exact", "gt", "gte", "in", "isnull", "lt", "lte", "range"}
SOURCES = modules(*PRODUCT)
KNOWS_NO_ROWS = ("authserver/protocol/", "authserver/web/")
COLUMNS = {
    path.split("__")[-1] for _, condition in every_condition().values() for path in condition.fields
}
BOOLEANS = {
    field.name
    for model in apps.get_models()
    for field in model._meta.get_fields()
    if field.name in COLUMNS and isinstance(field, models.BooleanField)
}
TABLES = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
NAMES_A_TABLE = re.compile(rf"\b(FROM|INTO|JOIN|UPDATE)\s+({'|'.join(sorted(TABLES))})\b")

MOVES = "moves rows on, where they are in the state before"
VERB = "offers an operator the move that the row's state allows"
DECISION = "asks which decision was taken"
WHY = "tells apart why it is not alive; the comparison of every spelling holds it"
# Function -> what it asks of these columns, which is not whether something is alive.
ASKS_SOMETHING_ELSE = {
    "authserver/accounts/actions.py: unenrol": MOVES,
    "authserver/accounts/admin/enrolments.py: EnrolmentAdmin.has_change_permission": VERB,
    "authserver/accounts/admin/enrolments.py: enrolment_is_unchanged": MOVES,
    "authserver/accounts/admin/enrolments.py: the module": VERB,
    "authserver/accounts/admin/people.py: the module": VERB,
    "authserver/dashboard/site.py: OperatorSite.has_permission": "as Django's own site, of anybody",
    "authserver/dashboard/waiting.py: _ending_certificates": "what ends soon, and whom to spare",
    "authserver/dashboard/waiting.py: _failing_key_sets": "whom to spare",
    "authserver/dashboard/waiting.py: waiting_at": "who waits to be let in",
    "authserver/ecosystems/actions.py: switch": MOVES,
    "authserver/ecosystems/admin/ecosystems.py: the module": VERB,
    "authserver/ecosystems/revocation/actions.py: _authorities_on": "a certificate as it is read",
    "authserver/ecosystems/revocation/status.py: _require_unlisted": WHY,
    "authserver/ecosystems/trust.py: RevocationList.ends_soon": "how much of its life is left",
    "authserver/endpoints/authorize.py: resume": "whether the answer was given",
    "authserver/endpoints/front_channel.py: answer_url": "the state parameter of a request",
    "authserver/endpoints/run_out.py: _is_ours_to_refuse": "whether the answer was given",
    "authserver/interaction/completion.py: give": DECISION,
    "authserver/interaction/completion.py: require_something_to_stand_on": DECISION,
    "authserver/interaction/interaction.py: Interaction.was_refused_by_the_person": DECISION,
    "authserver/interaction/missing.py: accounts": DECISION,
    "authserver/interaction/missing.py: consent": DECISION,
    "authserver/keys/actions.py: _in": MOVES,
    "authserver/keys/admin.py: the module": VERB,
    "authserver/tokens/actions.py: revoke": MOVES,
    "authserver/tokens/answered.py: the module": "whether it was decided as it was judged",
    "authserver/tokens/codes.py: AuthorizationCodeQuerySet.find": WHY,
    "authserver/tokens/mint.py: lifetime": "how long the consent lasts",
    "authserver/tokens/granted.py: Granted.is_first": "whether it came by a refresh token",
    "authserver/tokens/transactions.py: AuthorizationTransaction.was_answered_in_time": "its end",
    "authserver/tokens/purge.py: the module": "what nobody decided",
    "authserver/tokens/transactions.py: TransactionQuerySet.choose": MOVES,
    "clients/actions.py: revoke_certificate": MOVES,
    "clients/admin/certificates.py: the module": VERB,
    "clients/admin/client_verbs.py: the module": VERB,
    "clients/admin/client_verbs.py: was_never_in": "whether it waits to be let in",
    "clients/admin/participants.py: the module": VERB,
    "consents/actions.py: _move": MOVES,
    "consents/actions.py: discard": MOVES,
    "consents/approval.py: consent_is_waiting": WHY,
    "consents/approval.py: the module": MOVES,
    "consents/admin.py: the module": VERB,
    "consents/expiry.py: _expire_batch": MOVES,
    "consents/history.py: history_of": "whether its end was noted",
    "consents/stopping.py: stop_all": MOVES,
    "consents/views/mine.py: _end": "what ended it",
}


def definitions(module: Module) -> set[ast.AST]:
    """All that stands in a ``Condition(...)``, and what an index or a constraint is limited to:
    a migration has it in writing."""
    inside: list[ast.AST] = [
        node
        for node in module.nodes
        if isinstance(node, ast.Call) and called_name(node) == "Condition"
    ]
    inside += [
        node.value
        for node in module.nodes
        if isinstance(node, ast.keyword) and node.arg == "condition"
    ]
    return {each for node in inside for each in ast.walk(node)}


def named_in(node: ast.AST) -> Iterator[str]:
    """The columns that a query or a comparison names, and what is true or false by itself."""
    if isinstance(node, ast.Call) and called_name(node) in QUERIES:
        for keyword in node.keywords:
            parts = (keyword.arg or "").split("__")
            yield parts[-2] if len(parts) > 1 and parts[-1] in LOOKUPS else parts[-1]
    elif isinstance(node, ast.Compare):
        for side in (node.left, *node.comparators):
            if isinstance(side, ast.Attribute):
                yield side.attr
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield from {node.attr} & BOOLEANS


def written_by_hand(module: Module) -> Iterator[str]:
    where = {
        child: qualified(function, within)
        for function, within in functions(module.tree)
        for child in ast.walk(function)
    }
    defined = definitions(module)
    for node in module.nodes:
        if node not in defined and not COLUMNS.isdisjoint(named_in(node)):
            yield f"{module.path}: {where.get(node, 'the module')}"


def test_the_columns_are_those_of_the_models():
    assert {"is_active"} == BOOLEANS
    assert {"state", "is_active", "expires_at", "expires", "revoked_at", "replayed_at"} <= COLUMNS


@pytest.mark.case("CD-14", "CD-15")
def test_nobody_writes_a_second_definition():
    written = {
        each
        for module in SOURCES
        if not module.path.startswith(KNOWS_NO_ROWS)
        for each in written_by_hand(module)
    }

    assert_none(sorted(written - set(ASKS_SOMETHING_ELSE)), "second definitions of being alive")
    assert_none(sorted(set(ASKS_SOMETHING_ELSE) - written), "reasons for what is not there")


def test_the_rule_tells_a_definition_from_a_question(tmp_path):
    def in_source(text):
        return list(written_by_hand(Module("x.py", text)))

    assert in_source("def f():\n    rows.filter(client__state='active')") == ["x.py: f"]
    assert in_source("rows.exclude(pk=1, expires_at__lte=now)") == ["x.py: the module"]
    assert in_source("lambda row: row.state == 'active'") == ["x.py: the module"]
    assert in_source("def f():\n    return not client.ecosystem.is_active") == ["x.py: f"]
    assert in_source("def f():\n    user.is_active = False") == []
    assert in_source("Condition(Q(state='active'))") == []
    assert in_source("rows.filter(Client.ALIVE.q(), pk=1).update(state='x')") == []


def test_no_statement_names_a_table_in_writing():
    """Tables and columns have the names that the models give them."""
    written = [
        f"{module.path}:{node.lineno}: {node.value.strip()[:60]}"
        for module in SOURCES
        for node in module.nodes
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and NAMES_A_TABLE.search(node.value)
    ]

    assert_none(written, "statements with a table's name in writing")
