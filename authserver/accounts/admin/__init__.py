"""The operators' pages of people. What shows secrets or skips our verbs is taken off the site."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group

from authserver.accounts.admin.enrolments import EnrolmentAdmin
from authserver.accounts.admin.people import PersonAdmin

__all__ = ["EnrolmentAdmin", "PersonAdmin"]

for model in (EmailAddress, Authenticator, Group):
    admin.site.unregister(model)
