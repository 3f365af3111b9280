"""The pages under docs/ say what the code says, and leave nothing out."""

import re

import pytest
from django.core.checks.registry import registry
from django.urls import get_resolver

from authserver.protocol import profiles
from authserver.protocol.errors import OAuthError
from docs import generator as pages
from docs.generator.endpoint_page import endpoints
from docs.generator.error_advice import BY_CODE, IN_THE_AUTHORIZATION_RESPONSE
from docs.generator.error_page import codes
from docs.generator.raised import OF_THE_CALLER, refusals
from docs.generator.setting_page import variables
from docs.generator.source import PRODUCT, ROOT, modules
from docs.generator.system_checks import system_checks
from tests.architecture.findings import assert_none

ELEMENT_ID = re.compile(r"^\| `([\w<>-]+)` \|", re.MULTILINE)


def page(name: str) -> str:
    return (pages.DOCS / name).read_text()


@pytest.mark.parametrize("name", pages.PAGES)
def test_a_generated_page_is_current(name):
    if page(name) != pages.PAGES[name]():
        pytest.fail(f"docs/{name} is not current: run make docs", pytrace=False)


def test_every_environment_variable_is_listed_and_explained():
    folder = "authserver/settings/"
    text = "\n".join(module.text for module in modules(folder))
    read = set(re.findall(r'"(AUTHSERVER_\w+|DATABASE_URL)"', text))

    assert len(read) > 20
    assert read == {each.name for each in variables() if each.read_in.startswith(folder)}
    assert [each.name for each in variables() if not each.comment] == []
    for name in read:
        assert f"| `{name}` |" in page("settings.md")


def test_every_system_check_of_ours_is_listed_and_has_its_own_id():
    ids = [each.id for each in system_checks()]
    ours = [each for each in registry.registered_checks if each.__module__.split(".")[0] in PRODUCT]

    assert len(ids) == len(set(ids))
    assert len(ids) >= len(ours)
    for each in system_checks():
        assert re.fullmatch(r"[a-z]+\.[EWC]\d{3}", each.id)
        assert each.hint, each.id
        assert f"| `{each.id}` |" in page("settings.md")


def test_every_route_is_listed_with_what_it_does():
    text = page("endpoints.md")

    for pattern in get_resolver().url_patterns:
        if getattr(pattern, "name", None):
            path = "/" + re.sub(r"<\w+:(\w+)>", r"<\1>", str(pattern.pattern))
            assert f"| `{path}` |" in text
    assert [each.path for each in endpoints() if not each.what] == []
    assert [each.path for each in endpoints() if not each.methods] == []


def test_every_profile_and_every_check_of_it_is_shown():
    text = page("profiles.md")

    for profile in profiles.OFFERED.values():
        assert f"## {profile.title}\n" in text
        for check in profile.authorization_checks:
            assert check.__module__.replace(".", "/") in text


def test_every_error_has_its_advice():
    assert set(codes()) == set(BY_CODE)
    assert set(codes()) >= IN_THE_AUTHORIZATION_RESPONSE
    for code in codes():
        assert f"\n## {code}\n" in page("errors.md")


def test_every_sentence_can_be_sent():
    """RFC6749-5.2: no quotation mark, no backslash, ASCII; and a clause is found for it."""
    assert len(refusals()) > 100
    for each in refusals():
        assert issubclass(each.error, OAuthError)
        assert re.fullmatch(r"[\x20\x21\x23-\x5b\x5d-\x7e]+", each.sentence), each
        assert each.clauses, each
    assert_none([each.place for each in refusals() if OF_THE_CALLER in each.clauses], "no clause")


def test_every_element_id_of_the_list_is_on_a_page():
    sources = [path.read_text() for path in ROOT.glob("templates/**/*.html")]
    sources += [module.text for module in modules(*PRODUCT)]
    text = "\n".join(sources)
    listed = ELEMENT_ID.findall((pages.DOCS / "element-ids.md").read_text())

    assert len(listed) > 20
    missing = [each for each in listed if f'"{each.partition("<")[0]}' not in text]
    assert_none(missing, "listed ids that are on no page")
