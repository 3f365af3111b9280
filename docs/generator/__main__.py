"""``make docs``: write the generated pages, or with ``--check`` fail where one is not current."""

import os
from argparse import ArgumentParser

from authserver.loading import load_django


def main() -> str | None:
    parser = ArgumentParser(prog="make docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    load_django()
    # The pages are made of what Django has loaded: its URLs, its checks.
    from docs import generator

    if not check:
        print(*(f"docs/{name}" for name in generator.write()), sep="\n")
        return None
    stale = generator.stale()
    return f"Not current: {', '.join(stale)}. Run make docs, and commit them." if stale else None


if __name__ == "__main__":
    raise SystemExit(main())
