"""What operators type is shown to people: it can be read, or it is refused."""

from collections.abc import Mapping

from django import forms

from authserver.storage.shown_texts import readable, readable_lines


def require_readable_texts(fields: Mapping[str, forms.Field]) -> None:
    """Have every field for text refuse what people cannot read; passwords are not read."""
    for field in fields.values():
        if not isinstance(field, forms.CharField) or isinstance(field.widget, forms.PasswordInput):
            continue
        rule = readable_lines if isinstance(field.widget, forms.Textarea) else readable
        if rule not in field.validators:
            field.validators.append(rule)
