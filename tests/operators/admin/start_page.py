"""What the start page of an operator shows."""

from django.urls import reverse


def start(operator):
    return operator.get(reverse("admin:index")).context


def next_step(operator):
    return next((step.number for step in start(operator)["steps"] if step.is_next), None)
