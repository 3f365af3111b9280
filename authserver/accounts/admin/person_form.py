"""The form of somebody who signs in; rights only where a superuser gives them to somebody else."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from authserver.accounts.forms import PasswordField
from authserver.accounts.models import User
from authserver.backoffice.fields import ModelForm

PLAIN = ("username", "display_name", "first_name", "last_name", "email")
RIGHTS = ("is_staff", "is_superuser", "in_groups")


class PersonForm(ModelForm):
    new_password = PasswordField(
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Empty: it stays as it is. The person should change it after signing in.",
    )
    in_groups = forms.ModelMultipleChoiceField(
        label="Groups",
        queryset=Group.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What a member of the staff may do here; made by manage.py setup_roles.",
    )

    class Meta:
        model = User
        fields = (*PLAIN, "is_staff", "is_superuser")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and "new_password" in self.fields:
            field = self.fields["new_password"]
            field.required, field.label = True, "Password"
            field.help_text = "The person changes it after signing in."
        if self.instance.pk is not None and "in_groups" in self.fields:
            self.initial["in_groups"] = self.instance.groups.all()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if password := cleaned.get("new_password"):
            try:
                password_validation.validate_password(password, self.instance)
            except ValidationError as error:
                self.add_error("new_password", error)
            else:
                self.instance.set_password(password)
        return cleaned
