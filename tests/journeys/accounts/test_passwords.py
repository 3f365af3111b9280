"""One password, however it was typed, at every door that takes or stores one (RFC 8265, 4.2)."""

import pytest
from django import forms
from django.contrib.auth.hashers import check_password, get_hashers, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse

from authserver.accounts import forms as ours
from authserver.accounts.admin.person_form import PersonForm
from authserver.accounts.models import User
from authserver.accounts.passwords import PreparedHasher, prepared
from tests.support.person import Person

case = pytest.mark.case
requirement = pytest.mark.requirement

STORED = "caf\u00e9 cr\u00e8me"
TYPED = {
    "composed": STORED,
    "decomposed": "cafe\u0301 cre\u0300me",
    "one of each": "caf\u00e9 cre\u0300me",
    "space without break": "caf\u00e9\u00a0cr\u00e8me",
    "ideographic space": "caf\u00e9\u3000cr\u00e8me",
}
OTHERS = {
    "no accent": "cafe creme",
    "case": "Caf\u00e9 cr\u00e8me",
    "width": "\uff43af\u00e9 cr\u00e8me",
    "two spaces": "caf\u00e9  cr\u00e8me",
    "space around": " caf\u00e9 cr\u00e8me ",
}
IMPOSSIBLE = {
    "NUL": "correct\x00horse",
    "a control": "correct\x07horse",
    "zero width space": "correct\u200bhorse",
    "zero width joiner": "correct\u200dhorse",
    "a direction mark": "correct\u200ehorse",
    "a tag": "correct\U000e0041horse",
    "a filler": "correct\u3164horse",
    "no character": "correct\ufdd0horse",
    "half a pair": "correct\ud800horse",
    "not assigned": "correct\u0378horse",
}


@requirement("RFC8265-4.2")
@pytest.mark.parametrize("stored", TYPED.values(), ids=TYPED)
@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_two_keyboards_are_one_password(stored, typed):
    assert check_password(typed, make_password(stored))


@requirement("RFC8265-4.2")
@pytest.mark.parametrize("typed", OTHERS.values(), ids=OTHERS)
def test_what_differs_stays_different(typed):
    assert not check_password(typed, make_password(STORED))


@requirement("RFC8265-4.2")
@pytest.mark.parametrize("typed", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_can_be_no_password_is_none(typed):
    for door in (prepared, make_password, validate_password):
        with pytest.raises(ValidationError) as refused:
            door(typed)
        assert typed not in str(refused.value)
    assert not check_password(typed, make_password("correct horse"))
    assert not check_password(typed, make_password("nobody's password"))


@requirement("RFC8265-4.2")
def test_every_hasher_prepares_what_it_hashes(settings):
    settings.PASSWORD_HASHERS = [
        "authserver.accounts.passwords.Argon2Hasher",
        "authserver.accounts.passwords.PBKDF2Hasher",
    ]
    for hasher in get_hashers():
        assert isinstance(hasher, PreparedHasher)
        made = hasher.encode(TYPED["decomposed"], "salt-of-the-hash")
        assert hasher.verify(TYPED["ideographic space"], made)
        assert not hasher.verify(OTHERS["no accent"], made)
        assert not hasher.verify(IMPOSSIBLE["NUL"], made)


def test_every_field_for_a_password_prepares_it():
    """The forms are told apart from others by the widget; a new one has to use the field."""
    made = [*vars(ours).values(), PersonForm]
    fields = {
        (form.__name__, name): field
        for form in made
        if isinstance(form, type) and issubclass(form, forms.BaseForm)
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field.widget, forms.PasswordInput)
    }
    assert ("PersonForm", "new_password") in fields
    for where, field in fields.items():
        replaced = where[0] not in ("PersonForm",)  # allauth's, which the form replaces
        assert replaced or isinstance(field, ours.PasswordField), where


def stored_as(user, typed):
    user.set_password(typed)
    user.save()


@requirement("RFC8265-4.2")
@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_signing_in_takes_every_spelling(guest, yusuf, typed):
    stored_as(yusuf, STORED)

    assert guest.enters_password("yusuf", OTHERS["case"]).status_code == 200
    assert guest.enters_password("yusuf", typed).status_code == 303


@requirement("RFC8265-4.2")
@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_so_does_changing_it(guest, mariam, typed):
    stored_as(mariam, STORED)
    Person(mariam, guest.http).sign_in()
    form = {"oldpassword": typed, "password1": typed + " 2", "password2": STORED + " 2"}

    answer = guest.http.post(reverse("account_change_password"), form)

    assert answer.status_code == 303
    mariam.refresh_from_db()
    assert mariam.check_password(STORED + " 2")


@requirement("RFC8265-4.2")
def test_its_length_is_counted_as_it_is_stored(guest, mariam):
    Person(mariam, guest.http).sign_in()
    short = "e\u0301" * 7  # fourteen characters typed, seven stored
    form = {"oldpassword": "correct horse", "password1": short, "password2": short}

    answer = guest.http.post(reverse("account_change_password"), form)

    assert answer.status_code == 200
    assert "password1" in answer.context["form"].errors


@case("LG-04")
@requirement("RFC8265-4.2")
@pytest.mark.parametrize(
    "kind", sorted(IMPOSSIBLE.keys() - {"half a pair", "NUL"})
)  # no form has these
def test_an_impossible_one_is_refused_at_every_page(guest, mariam, kind):
    typed = IMPOSSIBLE[kind]
    answers = [guest.enters_password(name, typed) for name in ("mariam", "nobody")]
    Person(mariam, guest.http).sign_in()
    form = {"oldpassword": "correct horse", "password1": typed, "password2": typed}
    answers.append(guest.http.post(reverse("account_change_password"), form))
    before = User.objects.get(pk=mariam.pk).password

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    errors = [answer.context["form"].errors for answer in answers]
    assert errors[0] == errors[1]
    assert "password" in errors[0]
    assert "password1" in errors[2]
    assert User.objects.get(pk=mariam.pk).password == before


@requirement("RFC8265-4.2")
def test_the_command_line_is_held_to_the_same(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", TYPED["decomposed"])

    call_command("createsuperuser", username="root", email="", interactive=False)

    assert User.objects.get(username="root").check_password(STORED)
