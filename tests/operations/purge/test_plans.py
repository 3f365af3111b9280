"""A batch of purge or expiry is planned for its values: an index may stand for one of them."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

ON_POSTGRESQL = connection.vendor == "postgresql"


@pytest.mark.parametrize("command", ["purge", "expire_consents"])
def test_every_batch_is(db, command):
    with CaptureQueriesContext(connection) as sent:
        call_command(command)

    statements = [each["sql"] for each in sent]
    batches = [n for n, each in enumerate(statements) if "LIMIT 500" in each]
    assert batches
    for n in batches:
        planned = "SET LOCAL plan_cache_mode = force_custom_plan" in statements[n - 1]
        assert planned is ON_POSTGRESQL, statements[n]
