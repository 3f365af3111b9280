"""Where values come from: variables of the environment, files below the project."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()  # type: ignore[no-untyped-call]
