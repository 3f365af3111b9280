"""Bring database and static files up to date and load the kit, in one process.

Started with the path of ``sandbox.json``.
"""

import sys
from pathlib import Path

from deploy.local.up_to_date import announce, bring_up_to_date


def main(kit: str) -> None:
    bring_up_to_date()
    from deploy.demo.load import load  # models can be imported now

    load(Path(kit))
    announce("load")


if __name__ == "__main__":
    main(sys.argv[1])
