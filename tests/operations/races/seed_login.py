"""Give the race tests somebody with a second factor; run as a program."""


def main() -> None:
    from authserver.loading import load_django

    load_django()
    from authserver.accounts import actions
    from tests.support import world
    from tests.support.authenticator_app import App

    made = world.person("racer")
    actions.add_second_factor(made, secret=App.secret, by="test")


if __name__ == "__main__":
    main()
