"""Give the race tests somebody whose budget of wrong codes is nearly used up; run as a program."""

import sys


def main() -> None:
    from authserver.loading import load_django

    load_django()
    from authserver.accounts import actions
    from authserver.accounts.models import WrongCodes
    from tests.support import world
    from tests.support.authenticator_app import App

    made = world.person("guesser")
    actions.add_second_factor(made, secret=App.secret, by="test")
    WrongCodes.objects.create(user=made, spent=int(sys.argv[1]))


if __name__ == "__main__":
    main()
