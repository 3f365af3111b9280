"""Form fields for the lists and tables that rows keep as JSON: typed as lines, or ticked."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm

MOST_LINES = 200
LONGEST_LINE = 500


class Lines(forms.CharField):
    """A list of texts, one per line; empty lines and repetitions are dropped."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}))
        super().__init__(max_length=MOST_LINES * LONGEST_LINE, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        stripped = [line.strip() for line in str(value or "").splitlines()]
        return list(dict.fromkeys(line for line in stripped if line))

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(value) > MOST_LINES or any(len(line) > LONGEST_LINE for line in value):
            raise ValidationError(
                f"At most {MOST_LINES} lines of at most {LONGEST_LINE} characters."
            )

    def run_validators(self, value: Any) -> None:
        super().run_validators("\n".join(value))


class TextOfLines(Lines):
    """The same for a column that keeps the lines as one text."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value.split()) if isinstance(value, str) else super().prepare_value(value)

    def clean(self, value: Any) -> str:
        return "\n".join(super().clean(value))


class Sentences(Lines):
    """A table of name and sentence, one pair per line: ``accounts: See your accounts``."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return "\n".join(f"{name}: {sentence}" for name, sentence in value.items())
        return value

    def clean(self, value: Any) -> dict[str, str]:
        sentences = {}
        for line in super().clean(value):
            name, _, sentence = line.partition(":")
            if not name.strip() or not sentence.strip():
                raise ValidationError("Write a name, a colon and a sentence on every line.")
            sentences[name.strip()] = sentence.strip()
        return sentences


class Ticked(forms.MultipleChoiceField):
    """A list of texts, ticked from those on offer; the order is theirs."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, choices: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)
        self.offer(dict(choices))

    def offer(self, choices: Mapping[str, str]) -> None:
        """Let these be ticked: value to label."""
        self.offered = tuple(choices)
        self.choices = list(choices.items())

    def clean(self, value: Any) -> list[str]:
        ticked = set(super().clean(value))
        return [name for name in self.offered if name in ticked]
