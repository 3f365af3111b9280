"""Who may sign in is allauth's affair; the person of a session is found by a prepared query."""

from allauth.account.auth_backends import AuthenticationBackend as Allauth
from django.db.models import BigIntegerField

from authserver.accounts.factors import with_factors
from authserver.accounts.models import User
from authserver.storage.prepared import Parameter, Prepared

_of_a_key: Prepared[User] = Prepared(
    lambda: with_factors(User.objects.filter(pk=Parameter("pk", BigIntegerField())))
)


class AuthenticationBackend(Allauth):
    """Named in the settings, and in every session that was begun with it."""

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, if they may still sign in."""
        user = _of_a_key.first(pk=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
