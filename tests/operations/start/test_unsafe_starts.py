"""gunicorn, really started, with one thing of a good deployment changed: it says why it refuses."""

import json
import re
import secrets
import shutil
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.core.checks import run_checks
from psycopg import sql

from authserver.checks import database, numbers, unsafe_starts
from authserver.storage import encryption
from docs.generator.setting_page import variables
from docs.generator.system_checks import system_checks
from tests.support import fronts, world

TOP = fronts.TOP
BEHIND_NGINX = "deploy/gunicorn.nginx.conf.py"
WITH_TLS = "deploy/gunicorn.conf.py"
SECRET = "AUTHSERVER_SECRET_KEY"
KEYS = "AUTHSERVER_KEY_ENCRYPTION_KEYS"
DEMO = "AUTHSERVER_DEMO"
PROXY = "AUTHSERVER_TRUSTED_PROXY"
HOSTS = "AUTHSERVER_ALLOWED_HOSTS"
BASE = "AUTHSERVER_PUBLIC_BASE"
REFUSED = 3
RANDOM = "QwN3vZ0cB8r-LxTg5uHaE1yKfJ9sMd_pOiV7oWbX2nYtR4eGhUkCzP6lSjDqFmA"


@dataclass(frozen=True)
class Case:
    """What is changed in a good environment, and the check that refuses it; None takes away."""

    id: str
    name: str
    changes: dict[str, str | None]


SETTINGS = [
    Case("E002", "http", {BASE: "http://as.example.com"}),
    Case("E002", "no base", {BASE: ""}),
    Case("E002", "a path", {BASE: "https://as.example.com/as"}),
    Case("E002", "a user", {BASE: "https://user@as.example.com"}),
    Case("E002", "no port", {BASE: "https://as.example.com:x"}),
    Case("E002", "http for machines", {"AUTHSERVER_MACHINE_BASE": "http://mtls.as.example.com"}),
    Case("E003", "demo with a public base", {DEMO: "1", BASE: "https://as.bank.com"}),
    Case("E003", "demo with a public host", {DEMO: "1", HOSTS: "as.example.com,as.bank.com"}),
    Case("E003", "demo with a public address", {DEMO: "1", HOSTS: "as.example.com,203.0.113.5"}),
    Case("E004", "49 characters", {SECRET: RANDOM[:49]}),
    Case("E004", "what startproject makes", {SECRET: "django-insecure-" + RANDOM}),
    Case("E004", "one word again and again", {SECRET: "changeme" * 10}),
    Case("E004", "one of a test", {SECRET: "test-" + RANDOM}),
    Case("E004", "a weak earlier one", {"AUTHSERVER_SECRET_KEY_FALLBACKS": "short"}),
    Case("E004", "no derivation key", {"AUTHSERVER_DERIVATION_KEY": ""}),
    Case("E005", "any host", {HOSTS: "*"}),
    Case("E005", "any host of a domain", {HOSTS: "as.example.com,.example.com"}),
    Case("E005", "no host", {HOSTS: ""}),
    Case("E006", "any proxy", {PROXY: "*"}),
    Case("E007", "silence", {"DJANGO_SETTINGS_MODULE": "tests.settings", HOSTS: "as.bank.com"}),
    Case("E008", "no key", {KEYS: ""}),
    Case("E008", "none", {KEYS: "none"}),
    Case("E008", "16 octets", {KEYS: RANDOM[:22] + "=="}),
    Case("E008", "zeros", {KEYS: f"{fronts.KEY_ENCRYPTION_KEY},{'A' * 43}="}),
    Case("E008", "one of two", {KEYS: f"{fronts.KEY_ENCRYPTION_KEY},none"}),
    Case("E009", "a login of no time", {"AUTHSERVER_SESSION_IDLE_SECONDS": "0"}),
    Case("E009", "a login for ever", {"AUTHSERVER_OPERATOR_IDLE_SECONDS": "99999999"}),
    Case("E009", "tokens kept until before they end", {"AUTHSERVER_TOKEN_RETENTION_DAYS": "-1"}),
    Case("E010", "no database", {"DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"}),
    Case("E015", "no secret", {SECRET: None}),
    Case("E015", "no word on keys", {KEYS: None}),
    Case("E015", "no number", {"AUTHSERVER_SESSION_IDLE_SECONDS": "canary"}),
    Case("E016", "another front", {PROXY: ""}),
]
DATABASES = {
    "E011": "DELETE FROM django_migrations WHERE app = 'consents'",
    "E012": "DROP TABLE cache",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, empty_database):
    """A database that has all tables and, under the key of the run, one signing key."""
    made = tmp_path_factory.mktemp("start")
    shutil.copy(empty_database, made / "tls.sqlite3")
    fronts.run(
        made,
        "-c",
        "from authserver.loading import load_django; load_django()\n"
        "from tests.support import world; world.ecosystem('raw', profile='fapi2-security')",
    )
    return made


def start(
    folder, configuration=BEHIND_NGINX, *, program=("gunicorn",), serves="Booting worker", **changes
):
    """Start it; return exit status and what it says. One that serves is ended, and has status 0."""
    command = [sys.executable, "-m", *program]
    if program == ("gunicorn",):
        command += ["--config", configuration, "--workers", "1"]
    log = folder / f"{secrets.token_hex(4)}.log"
    with log.open("wb") as sink:
        running = subprocess.Popen(
            command, env=environment(folder, changes), cwd=TOP, stdout=sink, stderr=sink
        )
    try:
        for _ in range(600):
            if running.poll() is not None:
                return running.returncode, log.read_text()
            if serves and serves in log.read_text():
                return 0, log.read_text()
            time.sleep(0.1)
    finally:
        running.terminate()
        running.wait(timeout=40)
    raise AssertionError(log.read_text()[-3000:])


@pytest.fixture(scope="module")
def loaded():
    """Start gunicorn as ``start`` does, from a process that has imported the libraries."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.operations.start.loaded"],
        cwd=TOP,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        told, answers = running.stdin, running.stdout
        assert told is not None
        assert answers is not None

        def start(folder, **changes):
            log = folder / f"{secrets.token_hex(4)}.log"
            arguments = ["gunicorn", "--config", BEHIND_NGINX, "--workers", "1"]
            line = json.dumps([arguments, environment(folder, changes), str(log)])
            told.write(line + "\n")
            told.flush()
            return int(answers.readline()), log.read_text()

        yield start
        told.close()


def environment(folder, changes):
    good = fronts.environment(
        folder,
        AUTHSERVER_TRUSTED_PROXY="unix",
        AUTHSERVER_SOCKET=str(folder / "socket"),
    )
    return {name: value for name, value in (good | changes).items() if value is not None}


def refused_by(told):
    return re.findall(r"^  authserver\.(E\d+)  ", told, re.MULTILINE)


def test_the_good_deployment_starts(folder, loaded):
    for begin in (start, loaded):
        status, told = begin(folder)

        assert status == 0, told


@pytest.mark.parametrize("case", SETTINGS, ids=lambda case: f"{case.id} {case.name}")
def test_one_bad_setting_is_refused(folder, loaded, case):
    status, told = loaded(folder, **case.changes)

    assert (status, refused_by(told)) == (REFUSED, [case.id]), told
    assert "Traceback" not in told
    assert len(told.splitlines()) < 8
    for value in (
        case.changes[name] for name in (SECRET, KEYS, "DATABASE_URL") if name in case.changes
    ):
        assert len(value or "") < 5 or value not in told


@pytest.mark.parametrize("check", DATABASES)
def test_a_database_that_is_not_ready_is_refused(folder, tmp_path, check):
    broken = fronts.copy_of_the_database(folder, tmp_path / "broken.sqlite3")
    with closing(sqlite3.connect(tmp_path / "broken.sqlite3")) as opened:
        opened.execute(DATABASES[check])
        opened.commit()

    status, told = start(folder, DATABASE_URL=broken)

    assert (status, refused_by(told)) == (REFUSED, [check]), told
    assert "Traceback" not in told


def test_keys_that_open_nothing_stored_are_refused(folder):
    status, told = start(folder, **{KEYS: Fernet.generate_key().decode()})
    assert (status, refused_by(told)) == (REFUSED, ["E014"]), told

    rotated = f"{Fernet.generate_key().decode()},{fronts.KEY_ENCRYPTION_KEY}"
    status, told = start(folder, **{KEYS: rotated})
    assert status == 0, told


@pytest.fixture
def role(database_url):
    """A role of PostgreSQL that may use the run's database, and the URL by which it does."""
    name, password = f"start_{uuid.uuid4().hex[:12]}", secrets.token_hex(16)
    whole = urlsplit(database_url)
    with psycopg.connect(database_url, autocommit=True) as admin:

        def tell(statement, **options):
            admin.execute(sql.SQL(statement).format(sql.Identifier(name), **options))

        tell("CREATE ROLE {} LOGIN PASSWORD {password}", password=sql.Literal(password))
        tell("GRANT ALL ON ALL TABLES IN SCHEMA public TO {}")
        url = whole._replace(netloc=f"{name}:{password}@{whole.netloc.rpartition('@')[2]}")
        yield tell, urlunsplit(url)
        tell("DROP OWNED BY {}")
        tell("DROP ROLE {}")


def test_a_superuser_of_the_database_is_refused(folder, database_url, request):
    if not database_url.startswith("postgres"):  # SQLite has no roles
        assert database.role_is_no_superuser(None) == []
        return
    tell, as_role = request.getfixturevalue("role")
    # Other tests may have left secrets in it that are another key's: nothing of the role's.
    left = refused_by(start(folder, DATABASE_URL=as_role)[1])
    assert left in ([], ["E014"])

    status, told = start(folder, DATABASE_URL=database_url)
    assert (status, sorted(refused_by(told))) == (REFUSED, ["E013", *left]), told

    tell("GRANT {owner} TO {}", owner=sql.Identifier(urlsplit(database_url).username))
    status, told = start(folder, DATABASE_URL=as_role)
    assert (status, sorted(refused_by(told))) == (REFUSED, ["E013", *left]), told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    "changes",
    [
        {"AUTHSERVER_TRUSTED_PROXY": "unix"},
        {SECRET: "short"},
        {"DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"},
    ],
    ids=["another front", "a short secret", "no database"],
)
def test_with_tls_of_its_own_it_is_the_same(folder, changes):
    given = {
        "AUTHSERVER_TRUSTED_PROXY": "",
        "AUTHSERVER_TLS_CERTIFICATE": "unread",
        "AUTHSERVER_TLS_KEY": "unread",
    }
    status, told = start(folder, WITH_TLS, **(given | changes))

    assert status == REFUSED, told
    assert refused_by(told)
    assert "Traceback" not in told


def test_the_application_alone_refuses_too(folder):
    """Whoever starts it without our configuration, as a worker that is not preloaded."""
    given = ["gunicorn", "--bind", f"127.0.0.1:{fronts.free_port()}", "authserver.wsgi:application"]
    status, told = start(folder, program=given, serves="", **{SECRET: "short"})

    assert status == REFUSED, told
    assert set(refused_by(told)) == {"E004"}
    assert "Traceback" not in told


def test_the_check_command_says_the_same(folder):
    changes = {SECRET: "short", HOSTS: "*", KEYS: "none"}
    _, told = start(folder, **changes)
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        env=environment(folder, changes),
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert set(re.findall(r"authserver\.(E\d+)", done.stderr)) == set(refused_by(told))
    assert len(refused_by(told)) == 3


@pytest.mark.django_db
def test_a_stock_view_is_refused(settings):
    assert "authserver.E001" not in [each.id for each in unsafe_starts()]

    settings.ROOT_URLCONF = "oauth2_provider.urls"
    assert "authserver.E001" in [each.id for each in unsafe_starts()]


@pytest.mark.django_db
def test_some_secrets_that_do_not_open_are_a_warning(settings):
    world.ecosystem("older", profile="fapi2-security")
    settings.KEY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    newer = world.ecosystem("newer", profile="fapi2-security")
    newer.signing_keys.update(encrypted_private_key=encryption.encrypt("the key"))

    found = run_checks(include_deployment_checks=True)
    assert "authserver.W003" in [each.id for each in found]
    assert "authserver.E014" not in [each.id for each in found]


@pytest.mark.parametrize("variable", numbers.LIMITS)
def test_every_number_has_both_limits(settings, variable):
    name = variable.removeprefix("AUTHSERVER_")
    least, most = numbers.LIMITS[variable]
    for value, refused in ((least, False), (most, False), (least - 1, True), (most + 1, True)):
        setattr(settings, name, value)
        found = [each.msg for each in numbers.numbers_are_sensible(None)]
        assert any(variable in each for each in found) is refused


def test_no_number_is_without_limits():
    read = {
        each.name
        for each in variables()
        if each.kind == "number" and each.read_in.startswith("authserver/settings/")
    }

    assert read == set(numbers.LIMITS)


def test_every_reason_to_refuse_is_tried_here():
    tried = {case.id for case in SETTINGS} | set(DATABASES)
    tried |= {"E001", "E013", "E014", "E017"}  # each in a test of its own

    refusing = {each.id for each in system_checks() if each.level == "refuses the start"}
    assert {f"authserver.{each}" for each in tried} == refusing


@pytest.mark.parametrize(
    ("secret", "good"),
    [("swordfish" * 10, False), ("k" * 60, False), (RANDOM, True)],
)
def test_a_secret_of_few_different_characters_is_refused(settings, secret, good):
    settings.SECRET_KEY = settings.DERIVATION_KEY = secret
    found = [each.msg for each in run_checks() if each.id == "authserver.E004"]

    assert bool(found) is not good
