"""A person's place in an ecosystem, asked for on every page of a journey."""

from django.db.models import BigIntegerField, QuerySet
from django.db.models.expressions import Combinable

from authserver.accounts.models import Enrolment, User
from authserver.ecosystems.models import Ecosystem
from authserver.storage.prepared import Parameter, Prepared


def active_enrolment(user: User, ecosystem: Ecosystem) -> Enrolment | None:
    """The person's enrolment in the ecosystem; None if there is none, or it has ended."""
    return _active.first(user=user.pk, ecosystem=ecosystem.pk)


def enrolled(*, user: Combinable, ecosystem: Combinable) -> QuerySet[Enrolment]:
    """The enrolment of an active person, if it has not ended; for a query, or inside of one."""
    return Enrolment.objects.filter(Enrolment.ALIVE.q(), user=user, ecosystem=ecosystem)


_active: Prepared[Enrolment] = Prepared(
    lambda: enrolled(
        user=Parameter("user", BigIntegerField()),
        ecosystem=Parameter("ecosystem", BigIntegerField()),
    )
)
