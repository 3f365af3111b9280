"""Automation holds on to element ids: each one that is promised stands in a template."""

import re
from pathlib import Path

import pytest

PROMISED = re.findall(r"^\| `([^`]+)` \|", Path("docs/element-ids.md").read_text(), re.MULTILINE)
SOURCES = "".join(path.read_text() for path in Path("templates").rglob("*.html")) + "".join(
    path.read_text() for path in Path("authserver/accounts").glob("forms.py")
)


def stands_somewhere(promised):
    """A name in angle brackets stands for what the template prints there."""
    pattern = re.escape(promised)
    pattern = re.sub(r"<\w+>", r"{{[^}]+}}", pattern)
    return re.search(rf'id="{pattern}"|"id": "{pattern}"|html_id="{pattern}"', SOURCES)


@pytest.mark.parametrize("promised", PROMISED)
def test_a_promised_id_stands_in_a_template(promised):
    assert stands_somewhere(promised)


def test_the_list_is_read_and_a_made_up_id_is_not_found():
    assert len(PROMISED) > 15
    assert "login-submit" in PROMISED
    assert not stands_somewhere("no-such-id")
