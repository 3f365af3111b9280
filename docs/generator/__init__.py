"""The pages under ``docs/`` that are generated: what is listed by hand grows stale."""

from collections.abc import Callable, Mapping
from pathlib import Path

from docs.generator import (
    case_page,
    endpoint_page,
    error_page,
    profile_page,
    requirement_page,
    setting_page,
)
from docs.generator.source import ROOT

DOCS = ROOT / "docs"
PAGES: Mapping[str, Callable[[], str]] = {
    "requirements.md": requirement_page.render,
    "case-coverage.md": case_page.render,
    "settings.md": setting_page.render,
    "endpoints.md": endpoint_page.render,
    "errors.md": error_page.render,
    "profiles.md": profile_page.render,
}


def stale(folder: Path = DOCS) -> list[str]:
    """The names of the pages that are not what the code says now."""
    return [name for name, render in PAGES.items() if _read(folder / name) != render()]


def write(folder: Path = DOCS) -> list[str]:
    """Write the pages that are not current, and return their names."""
    names = stale(folder)
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(PAGES[name](), encoding="utf-8")
    return names


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
