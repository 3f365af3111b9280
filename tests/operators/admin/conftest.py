"""Those who come to the operators' site: with all rights, with some, and with none."""

import pytest
from django.contrib.auth.models import Group

from authserver.accounts import roles
from authserver.accounts.models import User
from tests.support import world
from tests.support.operator import Operator


def member_of(name: str, group: str) -> User:
    user = User.objects.create_user(name, password="x", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def boss(db) -> Operator:
    """A superuser."""
    return Operator(User.objects.create_superuser("boss", password="x"))


@pytest.fixture
def operator(db) -> Operator:
    """A member of the group that onboards."""
    return Operator(member_of("operator", roles.OPERATORS))


@pytest.fixture
def auditor(db) -> Operator:
    """A member of the group that only looks."""
    return Operator(member_of("auditor", roles.AUDITORS))


@pytest.fixture
def visitor(openfinance) -> Operator:
    """A person with accounts, signed in with both factors, and no business here."""
    return Operator(world.person("mariam", openfinance))
