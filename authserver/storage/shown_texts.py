"""Rows whose texts people read: none is stored with a character that nobody can see."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

from authserver.protocol.requirements import case
from authserver.protocol.specs.readable_text import is_readable

SENTENCE = "Has a character that people cannot see, or nothing else: type it anew."


@case("DC-10")
def readable(value: Any) -> None:
    if isinstance(value, str) and value and not is_readable(value):
        raise ValidationError(SENTENCE, code="unreadable")


@case("DC-10")
def readable_lines(value: Any) -> None:
    """Text of several lines, or a list or a table of such texts, names and all."""
    for text in _texts_in(value):
        for line in text.replace("\r", "\n").split("\n"):
            readable(line.replace("\t", " ").strip(" "))


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from (*_texts_in(name), *_texts_in(each))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts_in(each)


if TYPE_CHECKING:
    Row = models.Model
else:
    Row = object


class ShownTexts(Row):
    """What a model begins with whose texts somebody outside chose: every way to store it is held.

    ``full_clean`` names the fields, for forms; ``save`` refuses with the same ValidationError what
    came without one. A text that is stored already is no reason to refuse another change.
    """

    @case("DC-10")
    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        problems: dict[str, list[ValidationError]] = {}
        try:
            super().clean_fields(exclude)
        except ValidationError as faults:
            problems = faults.update_error_dict({})
        for name, fault in unreadable_texts(self).items():
            if name not in problems and name not in (exclude or ()):
                problems[name] = [fault]
        if problems:
            raise ValidationError(problems)

    @case("DC-10")
    def save(self, *args: Any, **kwargs: Any) -> None:
        faults = unreadable_texts(self)
        if (update_fields := kwargs.get("update_fields")) is not None:
            faults = {name: fault for name, fault in faults.items() if name in update_fields}
        if faults and (new := _differing(self, faults)):
            raise ValidationError({name: faults[name] for name in new})
        super().save(*args, **kwargs)


def unreadable_texts(row: Any) -> dict[str, ValidationError]:
    """Field name -> what is wrong with it, for every text in the row that cannot be read."""
    faults = {}
    not_loaded = row.get_deferred_fields()
    for field in row._meta.concrete_fields:
        rule = rule_for(field)
        if rule is None or field.attname in not_loaded:
            continue
        try:
            rule(getattr(row, field.attname))
        except ValidationError as fault:
            faults[field.name] = fault
    return faults


def rule_for(field: Any) -> Any:
    """What a field's value is held to; None where it holds no text, or one of a list of ours."""
    if isinstance(field, models.JSONField | models.TextField):
        return readable_lines
    return readable if isinstance(field, models.CharField) and not field.choices else None


def _differing(row: Any, names: Collection[str]) -> Collection[str]:
    stored = type(row)._default_manager.filter(pk=row.pk).values(*names).first() or {}
    return [name for name in names if name not in stored or stored[name] != getattr(row, name)]
