"""What operators type is shown to people: it can be read, or it is refused."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from authserver.requirements import requirement
from authserver.specs.readable_text import is_readable

SENTENCE = "Has a character that people cannot see, or nothing else: type it anew."


def hold_texts(fields: Mapping[str, forms.Field]) -> None:
    """Have every field for text refuse what people cannot read; passwords are not read."""
    for field in fields.values():
        if not isinstance(field, forms.CharField) or isinstance(field.widget, forms.PasswordInput):
            continue
        rule = readable_lines if isinstance(field.widget, forms.Textarea) else readable
        if rule not in field.validators:
            field.validators.append(rule)


@requirement("DC-10")
def readable(value: Any) -> None:
    if isinstance(value, str) and value and not is_readable(value):
        raise ValidationError(SENTENCE, code="unreadable")


@requirement("DC-10")
def readable_lines(value: Any) -> None:
    """Text of several lines, or what a field has already read as a list or a table of texts."""
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    texts = value if isinstance(value, list | tuple) else [value]
    for text in texts:
        if isinstance(text, str):
            for line in text.replace("\r", "\n").split("\n"):
                readable(line.replace("\t", " ").strip(" "))
