"""An operator in a process of its own: keys and ecosystems come and go as it is told."""

import sys


def main() -> None:
    from authserver.loading import load_django

    load_django()
    from authserver.ecosystems import actions as ecosystems
    from authserver.ecosystems.models import Ecosystem
    from authserver.keys import actions as keys
    from authserver.keys.models import SigningKey
    from tests.support import world

    def told(what: str, name: str) -> str:
        if what == "found":
            return world.ecosystem(name, profile="fapi2-security").slug
        if what == "publish":
            ecosystem = Ecosystem.objects.get(slug=name)
            return keys.create(ecosystem, algorithm="ES256", by="clerk").kid
        if what == "withdraw":
            return str(keys.withdraw(SigningKey.objects.get(kid=name), by="clerk"))
        ecosystems.switch(Ecosystem.objects.get(slug=name), on=what == "on", by="clerk")
        return what

    for line in sys.stdin:
        sys.stdout.write(told(*line.split()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
