"""Take pictures of the running demo, for the README and to look at: ``make screenshots``.

    python -m tests.journeys.browser.pictures [folder]

Starts the demo on free ports, walks a journey in Chromium as a person with a desktop, with a
phone, in the dark and in Arabic, and the operators' site; saves a PNG of every page.
"""

import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from deploy.demo.credentials import totp_code
from deploy.demo.sandbox_kit import Kit
from tests.support.chromium import press

FOR_THE_README = {"desktop-review": "review", "desktop-admin": "admin"}
MODES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 320, "height": 640}},
    "dark": {"viewport": {"width": 700, "height": 800}, "color_scheme": "dark"},
    "arabic": {"viewport": {"width": 400, "height": 800}, "locale": "ar"},
}
CLIENT = "lantern-openfinance"
USED: set[tuple[str, int]] = set()
PORTS = ("PORT", "MTLS_PORT", "TPP_PORT", "BANK_PORT")


@contextmanager
def running_demo(folder: Path) -> Iterator[Kit]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in PORTS]
    numbers = [str(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER")},
        **dict(zip(PORTS, numbers, strict=True)),
        "DEMO_FOLDER": str(folder),
    }
    command = [sys.executable, "-m", "deploy.demo.run"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ctrl-C ends it" in line:
                break
        try:
            yield Kit.read(folder / "sandbox" / "sandbox.json")
        finally:
            process.terminate()


class Camera:
    """Saves what a page shows under the mode and a name; copies a few for the README."""

    def __init__(self, folder: Path, mode: str) -> None:
        self.folder = folder
        self.mode = mode

    def take(self, page: Page, name: str) -> None:
        picture = page.screenshot(full_page=True)
        (self.folder / f"{self.mode}-{name}.png").write_bytes(picture)
        if readme := FOR_THE_README.get(f"{self.mode}-{name}"):
            Path(f"docs/screenshots/{readme}.png").write_bytes(picture)


def journey(page: Page, kit: Kit, camera: Camera) -> None:
    person = kit.people["noura"]
    page.goto(kit.addresses.tpp_base + "/")
    camera.take(page, "tpp")
    press(page, f"#choose-{CLIENT}")
    press(page, "#connect")
    camera.take(page, "login")
    press(page, "#login-submit")
    camera.take(page, "login-error")
    sign_in(page, person, camera)
    camera.take(page, "accounts")
    page.click("#journey-cancel")
    page.wait_for_selector("#return-link")
    camera.take(page, "cancelled")
    page.wait_for_selector("#connect")
    camera.take(page, "tpp-cancelled")
    asks_again(page, kit)
    press(page, "#accounts-continue")
    camera.take(page, "accounts-error")
    page.check(f"[name=accounts][value='{person['accounts'][0]['id']}']")
    press(page, "#accounts-continue")
    camera.take(page, "review")
    page.click("summary")
    camera.take(page, "review-technical")
    press(page, "#somebody-else")
    camera.take(page, "somebody-else")
    sign_in(page, person, camera)
    page.check(f"[name=accounts][value='{person['accounts'][0]['id']}']")
    press(page, "#accounts-continue")
    page.click("#consent-approve")
    page.wait_for_selector(".account")
    camera.take(page, "tpp-accounts")
    page.goto(f"{kit.addresses.public_base}/consents/")
    camera.take(page, "consents")
    press(page, "[id^=consent-card-] a >> nth=0")
    camera.take(page, "consent")
    press(page, "#consent-revoke")
    camera.take(page, "revoke")
    press(page, "#consent-revoke-confirm")
    camera.take(page, "revoked")
    asks_again(page, kit)
    let_the_time_be_over(kit)
    page.reload()
    camera.take(page, "ended")
    for name in ("second-factor/", "second-factor/remove/", "recovery-codes/"):
        page.goto(f"{kit.addresses.public_base}/accounts/{name}")
        camera.take(page, name.strip("/").replace("/", "-"))
    page.goto(f"{kit.addresses.public_base}/accounts/")
    camera.take(page, "home")
    page.goto(f"{kit.addresses.public_base}/openfinance/authorize?client_id=x&request_uri=y")
    camera.take(page, "error")
    page.goto(f"{kit.addresses.public_base}/nowhere")
    camera.take(page, "not-found")


def asks_again(page: Page, kit: Kit) -> None:
    page.goto(kit.addresses.tpp_base + "/")
    if page.locator(f"#choose-{CLIENT}").count():
        press(page, f"#choose-{CLIENT}")
    if page.locator("#forget").count():
        press(page, "#forget")
    press(page, "#connect")


def let_the_time_be_over(kit: Kit) -> None:
    """Of every request that is open in the demo's database now."""
    with sqlite3.connect(kit.folder.parent / "db.sqlite3") as database:
        database.execute(
            "UPDATE tokens_authorizationtransaction SET expires_at = '2026-01-01 00:00:00'"
            " WHERE completed_at IS NULL"
        )


def sign_in(page: Page, person: Mapping[str, Any], camera: Camera) -> None:
    page.fill("[name=login]", person["username"])
    page.fill("[name=password]", person["password"])
    press(page, "#login-submit")
    camera.take(page, "second-factor")
    page.fill("[name=code]", totp_code(person["totp_secret"], at=_fresh_step(person)))
    press(page, "#mfa-submit")


def _fresh_step(person: Mapping[str, Any]) -> float:
    """A time whose code this person has not used: one that is shown twice counts as wrong."""
    while (step := (person["username"], int(time.time() // 30))) in USED:
        time.sleep(1)
    USED.add(step)
    return time.time()


def operations(page: Page, kit: Kit, camera: Camera) -> None:
    base = kit.addresses.public_base
    page.goto(f"{base}/admin/")
    sign_in(page, kit.operator, camera)
    page.goto(f"{base}/admin/")
    camera.take(page, "admin")
    people = ("consents/consent", "accounts/enrolment", "accounts/enrolment/add")
    others = ("clients/client", "clients/participant", "ecosystems/ecosystem", "audit/refusal")
    for name in (*people, *others):
        page.goto(f"{base}/admin/{name}/")
        camera.take(page, "admin-" + name.replace("/", "-"))
    page.goto(f"{base}/admin/clients/client/")
    press(page, "#result_list tbody th a >> nth=0")
    camera.take(page, "admin-one-client")


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    for needed in (folder, Path("docs/screenshots")):
        needed.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as demo,
        running_demo(Path(demo) / "demo") as kit,
        sync_playwright() as playwright,
    ):
        browser: Browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        for mode, options in MODES.items():
            page = browser.new_context(ignore_https_errors=True, **options).new_page()
            page.set_default_timeout(20_000)
            journey(page, kit, Camera(folder, mode))
            sys.stdout.write(f"{mode}: done\n")
        wide: dict[str, Any] = {"viewport": {"width": 1300, "height": 900}}
        page = browser.new_context(ignore_https_errors=True, **wide).new_page()
        operations(page, kit, Camera(folder, "desktop"))
    sys.stdout.write(f"The pictures are in {folder}.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
