"""A person's place in an ecosystem, asked for on every page of a journey."""

from django.db.models import BigIntegerField

from authserver.accounts.models import Enrolment, User
from authserver.ecosystems.models import Ecosystem
from authserver.storage.prepared import Parameter, Prepared


def active_enrolment(user: User, ecosystem: Ecosystem) -> Enrolment | None:
    """The person's enrolment in the ecosystem; None if there is none, or it has ended."""
    return _active.first(user=user.pk, ecosystem=ecosystem.pk)


_active: Prepared[Enrolment] = Prepared(
    lambda: Enrolment.objects.filter(
        user=Parameter("user", BigIntegerField()),
        ecosystem=Parameter("ecosystem", BigIntegerField()),
        is_active=True,
    )
)
