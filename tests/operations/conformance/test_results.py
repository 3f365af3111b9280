"""What a run comes to: counted as the suite counts, and nothing wrong is left out."""

import re

import pytest

from deploy.conformance.plans import EMBEDDED, SECURITY_PROFILE, BadVariant, Run, Variant, every_run
from deploy.conformance.records import Finding, ModuleRecord, RunRecord
from deploy.conformance.results import Expected, results_page, unexpected
from deploy.conformance.suite import Outcome

RUN = Run.of(SECURITY_PROFILE, Variant())
WARNING = {"src": "CheckSomething", "msg": "odd", "result": "WARNING", "requirements": ["PAR-2"]}
FAILURE = {"src": "CheckSomething", "msg": "bad", "result": "FAILURE"}


def measured(result="PASSED", status="FINISHED", log=()):
    return ModuleRecord.of(Outcome(id="1", status=status, result=result, seconds=1.0, log=log))


def record(**modules):
    return RunRecord(
        run=RUN,
        listed=list(modules),
        modules=modules,
        date="2026-01-01",
        commit="abc1234",
        suite="5",
    )


def test_a_module_that_passed_is_no_finding():
    assert unexpected([record(one=measured())], []) == []


@pytest.mark.parametrize(
    "module",
    [
        measured("WARNING", log=[WARNING]),
        measured("FAILED", log=[FAILURE]),
        measured("PASSED", log=[WARNING]),
        measured("PASSED", status="INTERRUPTED"),
        measured("UNKNOWN"),
    ],
)
def test_everything_else_is_one(module):
    ((run, name, _),) = unexpected([record(one=module)], [])
    assert (run, name) == (RUN, "one")


@pytest.mark.parametrize(
    ("page", "good"),
    [
        ('<code id="error-code">\n invalid_request_uri\n </code>', True),
        ("<h1>Sign in</h1>", False),
    ],
)
def test_a_page_to_look_at_must_be_our_error_page(page, good):
    module = measured("REVIEW", log=[{"result": "REVIEW", "page_source": page}])
    assert module.is_good == good
    assert bool(unexpected([record(one=module)], [])) != good
    assert ("one: invalid_request_uri (1)" in results_page([record(one=module)], [])) == good


def test_an_expected_finding_is_not_counted_again():
    module = measured("WARNING", log=[WARNING])
    known = Expected(why="explained", module="one", condition="CheckSomething")
    elsewhere = Expected(
        why="explained", module="one", condition="CheckSomething", variant="openid=plain_oauth"
    )
    assert unexpected([record(one=module)], [known]) == []
    assert unexpected([record(one=module)], [elsewhere])


def test_the_page_has_a_row_per_run_that_was_begun_and_a_line_per_finding():
    begun = record(one=measured(), two=measured("WARNING", log=[WARNING]))
    page = results_page([begun, RunRecord(run=RUN)], [])
    row = (
        "| plain_fapi, private_key_jwt, mtls, openid_connect, simple | embedded"
        " | 2 of 2 | 1 | 0 | 0 | 1 | 0 | 2026-01-01 | abc1234 | 5 |"
    )
    assert page.count(row) == 1
    assert "two: warning CheckSomething: odd [PAR-2]" in page


def test_a_record_is_read_as_it_was_written(tmp_path):
    written = record(one=measured("WARNING", log=[WARNING]))
    written.write(tmp_path / "record.json")
    assert RunRecord.read(tmp_path / "record.json", RUN) == written
    assert RunRecord.read(tmp_path / "none.json", RUN) == RunRecord(run=RUN)


def test_a_run_is_complete_when_every_module_ran():
    begun = record(one=measured())
    assert begun.is_complete
    begun.listed.append("two")
    assert not begun.is_complete
    assert not RunRecord(run=RUN).is_complete


def test_every_combination_has_a_run_and_a_name_of_its_own():
    runs = list(every_run())
    assert len({(run.alias, run.front) for run in runs}) == len(runs)
    assert all(re.fullmatch("[A-Za-z0-9_-]+", run.alias) for run in runs)
    embedded = [run for run in runs if run.front == EMBEDDED]
    plain = [run for run in embedded if run.variant.fapi_profile == "plain_fapi"]
    assert len(plain) == 16 + 4 * 16


def test_a_variant_is_read_as_it_is_written():
    assert Variant.parse("sender_constrain=dpop").sender_constrain == "dpop"
    assert Variant.parse("") == Variant()
    with pytest.raises(BadVariant):
        Variant.parse("sender_constrain")


def test_a_finding_says_its_clauses():
    finding = Finding(kind="warning", condition="Check", sentence="odd", requirements=["PAR-2"])
    assert str(finding) == "warning Check: odd [PAR-2]"
