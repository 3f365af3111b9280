"""The field in which a certificate is pasted."""

from django import forms

from authserver.backoffice.fields import ModelForm
from authserver.protocol.requirements import case

LONGEST_PEM = 20_000


def pem_field(help_text: str) -> forms.CharField:
    return forms.CharField(
        label="Certificate",
        max_length=LONGEST_PEM,
        widget=forms.Textarea(
            attrs={
                "rows": 14,
                "class": "pem",
                "spellcheck": "false",
                "autocomplete": "off",
                "placeholder": "-----BEGIN CERTIFICATE-----",
            }
        ),
        help_text=help_text,
    )


@case("AD-20")
def forget_a_private_key(form: ModelForm, name: str) -> None:
    """It was pasted by mistake; at least the page does not send it back."""
    if "PRIVATE KEY" in form.data.get(name, ""):
        form.data = {**form.data, name: ""}
