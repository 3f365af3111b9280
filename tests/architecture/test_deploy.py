"""What lies under deploy/: production apart, the demo and the conformance kit apart."""

import re
from pathlib import Path

import pytest

from docs.generator.source import ROOT, Module, modules
from tests.architecture.findings import assert_none
from tests.architecture.layers import imports_of, is_in, place_of

DEPLOYED = modules("deploy")
BY_NAME = {module.name: module for module in DEPLOYED}
FOR_SHOW = {"deploy.demo", "deploy.conformance", "deploy.local"}
NAMED = re.compile(r"\bdeploy/[\w./-]*\w")
# Who may know whom; production is all that is not named here.
APART = {
    "deploy.local": {"deploy.local"},
    "deploy.demo": {"deploy.demo", "deploy.local"},
    "deploy.conformance": {"deploy.conformance", "deploy.local"},
}


def within_deploy(module: Module) -> set[str]:
    return {name for name in imports_of(module) if is_in(name, {"deploy"})}


def strange_to(module: Module) -> set[str]:
    """What the module imports of deploy/ that is none of its business."""
    home = next((each for each in APART if is_in(module.name, {each})), None)
    if home is None:
        return {name for name in within_deploy(module) if is_in(name, FOR_SHOW)}
    return {name for name in within_deploy(module) if not is_in(name, APART[home])}


def taken_along(module: Module) -> set[Module]:
    """The module and all of deploy/ that is loaded with it."""
    seen, waiting = {module}, [module]
    while waiting:
        names = within_deploy(waiting.pop())
        found = {
            BY_NAME[each]
            for name in names
            for each in (name, name.rpartition(".")[0])
            if each in BY_NAME
        }
        waiting += found - seen
        seen |= found
    return seen


def test_demo_and_conformance_share_one_package_and_production_none_of_it():
    strange = [
        f"{module.name} imports {name}"
        for module in DEPLOYED
        for name in sorted(strange_to(module))
    ]

    assert {each for each in APART if any(is_in(one.name, {each}) for one in DEPLOYED)} == set(
        APART
    )
    assert_none(strange, "imports across the parts of deploy/")


def test_a_stranger_takes_no_code_of_the_server_along():
    """The third party of the demo has nothing of ours by way of what it shares with others."""
    loaded = {each for module in modules("deploy/demo/tpp") for each in taken_along(module)}
    ours = [
        f"{module.name} imports {name}"
        for module in loaded
        for name in imports_of(module)
        if place_of(name)
    ]

    assert len(loaded) > len(modules("deploy/demo/tpp"))
    assert_none(sorted(ours), "imports that a stranger cannot have")


@pytest.mark.parametrize("top", ["authserver", "docs", "deploy", "README.md", "CONTRIBUTING.md"])
def test_every_file_of_deploy_that_is_named_is_there(top):
    root = ROOT / top
    suffixes = {".py", ".md", ".conf"}
    sources = (
        [root] if root.is_file() else [each for each in root.rglob("*") if each.suffix in suffixes]
    )
    missing = [
        f"{source.relative_to(ROOT)} names {named}"
        for source in sources
        if "migrations" not in source.parts
        for named in NAMED.findall(source.read_text(encoding="utf-8"))
        if not (ROOT / named).exists()
    ]

    assert_none(missing, "names of files that are not there")


def test_the_index_of_deploy_names_everything():
    index = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([^)#]+)", index))
    top = [each for each in (ROOT / "deploy").iterdir() if not each.name.startswith(("_", "."))]
    files = [each for each in top if each.is_file() and each.name != "README.md"]
    folders = [each for each in top if each.is_dir()]
    nginx = (ROOT / "deploy" / "nginx").iterdir()

    unnamed = [
        str(each.name)
        for each in [*files, *nginx]
        if each.relative_to(ROOT / "deploy").as_posix() not in linked
    ]
    unnamed += [
        each.name for each in folders if not any(Path(one).parts[0] == each.name for one in linked)
    ]

    assert_none(unnamed, "parts of deploy/ that its index does not name")
