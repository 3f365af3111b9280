"""What a client is told of a person, in the person's language."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs.claims import Claims
from consents.types.description import Group, Permission

SENTENCES = {
    "name": gettext_noop("Your full name"),
    "given_name": gettext_noop("Your given name"),
    "family_name": gettext_noop("Your family name"),
    "preferred_username": gettext_noop("The user name that you sign in with"),
    "email": gettext_noop("Your e-mail address"),
}


@case("AZ-34")
@requirement("OIDCC-3.1.2.4")
def group_of(claims: Claims) -> tuple[Group, ...]:
    """The claims that are told, each once, with the places in which they are; none for none."""
    permissions = tuple(
        Permission(
            sentence=_(SENTENCES[name]),
            technical=f"{name} ({', '.join(claims.places_of(name))})",
        )
        for name in claims.names
    )
    return (Group(title=_("About you"), permissions=permissions),) if permissions else ()
