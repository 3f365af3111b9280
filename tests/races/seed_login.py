"""Give the race tests somebody with a second factor; run as a program."""


def main() -> None:
    import django

    django.setup()
    from authserver.accounts import actions
    from tests import world
    from tests.accounts.authenticator_app import App

    made = world.person("racer")
    actions.add_second_factor(made, secret=App.secret, by="test")


if __name__ == "__main__":
    main()
