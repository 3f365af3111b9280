"""Every sentence that people read, as it stands in code and templates."""

import ast
import re
from pathlib import Path

from django.utils.translation.template import templatize

TOPS = ("authserver", "consents")

FOR_OPERATORS = {"admin", "backoffice", "dashboard", "management", "migrations"}

MARKERS = {"_", "N_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "pgettext"}

IN_TEMPLATES = re.compile(
    r"\b(?:n?gettext|_|pgettext\(u'\w+',)[ (]+u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
)


def is_read_by_people(path):
    return not FOR_OPERATORS & set(path.parts) and path.stem != "admin"


def sentences_in_code():
    for top in TOPS:
        for path in filter(is_read_by_people, Path(top).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                marker = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
                if isinstance(node, ast.Call) and marker in MARKERS:
                    first = node.args[1 if marker == "pgettext" else 0]
                    if isinstance(first, ast.Constant):  # else its words are marked where they are
                        yield first.value


def sentences_in_templates():
    for path in filter(is_read_by_people, Path("templates").rglob("*.*")):
        for quoted in IN_TEMPLATES.findall(templatize(path.read_text(), origin=str(path))):
            yield ast.literal_eval(quoted).replace("%%", "%")
