"""The person: user, enrolment, login and second factor (a thin adapter over django-allauth)."""
