"""People belong to the deployment and are enrolled per ecosystem."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Upper

from authserver.storage.beginnings import IndexOfBeginnings
from authserver.storage.conditions import Condition
from authserver.storage.shown_texts import ShownTexts


class User(ShownTexts, AbstractUser):
    """Somebody who signs in: a person with accounts, or an operator."""

    ALIVE = Condition(models.Q(is_active=True))

    uid = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text="What subjects are derived from."
    )
    display_name = models.CharField(max_length=150, blank=True)

    class Meta(AbstractUser.Meta):  # type: ignore[name-defined,misc]
        indexes = [
            models.Index(Upper("email"), name="people_by_email"),
            IndexOfBeginnings(Upper("username"), name="people_by_begun_username"),  # a sign-in, too
            IndexOfBeginnings(Upper("display_name"), name="people_by_begun_name"),
            # Lists of operators: newest first, of all and of those that a filter chooses.
            models.Index(fields=["date_joined", "id"], name="people_by_joining"),
            models.Index(fields=["is_staff", "date_joined", "id"], name="staff_by_joining"),
            models.Index(
                fields=["is_active", "date_joined", "id"], name="active_people_by_joining"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username


class WrongCodes(models.Model):
    """What a person has used up of the wrong codes that a second factor may be shown."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    spent = models.PositiveIntegerField(default=0)
    blocked_until = models.DateTimeField(null=True)


class Enrolment(ShownTexts, models.Model):
    """A person in an ecosystem: who they are to the bank behind it."""

    # What is done for a person in an ecosystem stands on this: on both rows.
    ALIVE = Condition(models.Q(is_active=True)) & User.ALIVE.under("user")

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="enrolments", db_index=False
    )
    ecosystem = models.ForeignKey(
        "ecosystems.Ecosystem",
        on_delete=models.CASCADE,
        related_name="enrolments",
        db_index=False,
    )
    person_id = models.CharField(
        max_length=255, help_text="The person's identifier at the bank that holds the accounts."
    )
    name_at_bank = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="Who the bank said that this is, when an operator confirmed it.",
    )
    needs_confirmation = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="No bank has said yet who this is: no accounts are asked for.",
    )
    is_active = models.BooleanField(default=True)
    enrolled_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        # Lists of operators: newest first, of all and of those that a filter chooses.
        indexes = [
            models.Index(fields=["enrolled_at", "id"], name="enrolments_by_time"),
            models.Index(fields=["ecosystem", "enrolled_at", "id"], name="enrolments_of_ecosystem"),
            models.Index(fields=["is_active", "enrolled_at", "id"], name="active_enrolments"),
            models.Index(
                fields=["needs_confirmation", "enrolled_at", "id"], name="unnamed_enrolments"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "ecosystem"], name="enrolled_once"),
            models.UniqueConstraint(
                fields=["ecosystem", "person_id"],
                name="one_person_of_an_identifier",
                violation_error_message="This identifier is another person's here.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.ecosystem}"
