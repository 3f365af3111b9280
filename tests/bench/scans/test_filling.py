"""What the benchmark fills in is what there could be: rows that point at rows that are there."""

from typing import Any

import pytest
from django.apps import apps
from django.db.models import Exists, ForeignKey, OuterRef

from consents.models import Consent, ConsentState
from tests.bench.growth_filling import tables_of
from tests.bench.growth_functions import Volume
from tests.bench.growth_shape import Shape, insertion
from tests.bench.scans.conftest import ON_POSTGRESQL, VOLUME


@ON_POSTGRESQL
def test_every_row_points_at_one_that_is_there(filled):
    looked_at = 0
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if model._meta.db_table not in filled or not isinstance(field, ForeignKey):
                continue
            looked_at += 1
            target: Any = field.related_model
            there = target._default_manager.filter(pk=OuterRef(field.attname))
            pointing = model._default_manager.exclude(**{field.attname: None})
            assert not pointing.exclude(Exists(there)).exists(), field

    assert looked_at > 20
    assert set(tables_of(VOLUME)) <= set(filled) | {"consents_consentname"}
    assert set(Consent.objects.values_list("state", flat=True)) == set(ConsentState.values)


def test_a_column_that_a_table_does_not_have_is_refused():
    shape = Shape(table="t", last=1, columns={"there": "1", "gone": "2"})

    with pytest.raises(ValueError, match="t has no gone"):
        insertion(shape, Volume(), there=["there"])


def test_what_is_not_said_is_the_samples():
    shape = Shape(table="t", last=9, columns={"mine": "k.i"}, like="x = 1", order="y")

    statement = insertion(shape, Volume(), there=["mine", "its"])

    assert statement.startswith('INSERT INTO t ("mine", "its") SELECT k.i, t."its" FROM ')
    assert "(SELECT * FROM t WHERE x = 1 ORDER BY y LIMIT 1) t" in statement


def test_a_scale_is_a_scale():
    tenth = Volume(scale=0.1)

    assert (tenth.clients, tenth.people, tenth.consents) == (1_000, 20_000, 500_000)
    assert Volume(scale=0, least=7)(1_000_000) == 7
