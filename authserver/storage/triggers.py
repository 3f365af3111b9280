"""The triggers by which the database sets versions; made after ``migrate``, asked for at the start.

PostgreSQL sets the number before the row is written. SQLite writes it again afterwards; a trigger
does not set itself off there, as long as ``recursive_triggers`` is off, which is its default.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models

from authserver.storage.versions import COLUMN, ITSELF, Versioned

RANDOM = {"postgresql": "(random() * 9007199254740991)::bigint", "sqlite": "random()"}
ROWS = {"INSERT": ("NEW",), "UPDATE": ("NEW", "OLD"), "DELETE": ("OLD",)}


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger; ``sql`` makes it, or makes it anew where there is another of its name.

    ``definition`` is what the database says of it where it is there as it should be.
    """

    name: str
    sql: tuple[str, ...]
    definition: str


def triggers(versioned: Versioned, vendor: str) -> Iterator[Trigger]:
    """Every trigger that these versions need."""
    made = _of_postgresql if vendor == "postgresql" else _of_sqlite
    for owner, changed_by in versioned.items():
        for model, way in changed_by.items():
            yield from made(owner, model, way)


def _of_postgresql(
    owner: type[models.Model], model: type[models.Model], way: str
) -> Iterator[Trigger]:
    table = model._meta.db_table
    if way == ITSELF:
        moment, body = "BEFORE INSERT OR UPDATE", f"NEW.{COLUMN} := {RANDOM['postgresql']};"
    else:
        moment, body = "AFTER INSERT OR UPDATE OR DELETE", _raise(owner, model, way, "NEW", "OLD")
    name = _name(owner, model)
    function = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {body} RETURN NEW; END $$"
    )
    trigger = (
        f"CREATE OR REPLACE TRIGGER {name} {moment} ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
    digest = hashlib.sha256(f"{function}\n{trigger}".encode()).hexdigest()
    comment = f"COMMENT ON TRIGGER {name} ON {table} IS '{digest}'"
    yield Trigger(name, (function, trigger, comment), digest)


def _of_sqlite(owner: type[models.Model], model: type[models.Model], way: str) -> Iterator[Trigger]:
    table = model._meta.db_table
    for moment, rows in ROWS.items():
        if way != ITSELF:
            body = _raise(owner, model, way, *rows)
        elif moment != "DELETE":
            body = (
                f"UPDATE {table} SET {COLUMN} = {RANDOM['sqlite']}"  # noqa: S608
                f" WHERE {_key(model)} = NEW.{_key(model)};"
            )
        else:
            continue
        name = f"{_name(owner, model)}_{moment.lower()}"
        trigger = f"CREATE TRIGGER {name} AFTER {moment} ON {table} BEGIN {body} END"
        yield Trigger(name, (f"DROP TRIGGER IF EXISTS {name}", trigger), trigger)


def _raise(owner: type[models.Model], model: type[models.Model], way: str, *rows: str) -> str:
    """The statement that touches the rows with the version; a trigger of theirs sets the number."""
    touched = ", ".join(_reached(model, way, row) for row in rows)
    table = owner._meta.db_table
    return f"UPDATE {table} SET {COLUMN} = 0 WHERE {_key(owner)} IN ({touched});"  # noqa: S608


def _reached(model: type[models.Model], way: str, row: str) -> str:
    """The key of the row with the version, from a changed row on: an SQL expression."""
    first, *further = way.split("__")
    key: Any = model._meta.get_field(first)
    reached = f"{row}.{key.column}"
    for name in further:
        there = key.related_model
        key = there._meta.get_field(name)
        reached = (
            f"(SELECT {key.column} FROM {there._meta.db_table}"  # noqa: S608
            f" WHERE {_key(there)} = {reached})"
        )
    return reached


def _key(model: Any) -> str:
    return str(model._meta.pk.column)


def _name(owner: type[models.Model], model: type[models.Model]) -> str:
    return f"version_of_{owner._meta.model_name}_by_{model._meta.model_name}"


def install(versioned: Versioned, connection: Any) -> None:
    """Make the triggers that are missing or made otherwise; nothing where all are there."""
    with connection.cursor() as cursor:
        for trigger in missing(versioned, connection):
            for statement in trigger.sql:
                cursor.execute(statement)


def have_columns(versioned: Versioned, connection: Any) -> bool:
    """False where migrations have not come so far, or have gone back."""
    with connection.cursor() as cursor:
        described = [
            connection.introspection.get_table_description(cursor, owner._meta.db_table)
            for owner in versioned
        ]
    return all(COLUMN in {each.name for each in columns} for columns in described)


def missing(versioned: Versioned, connection: Any) -> list[Trigger]:
    """The triggers that are missing, made otherwise, or switched off."""
    there = _definitions(connection)
    return [
        each
        for each in triggers(versioned, connection.vendor)
        if there.get(each.name) != each.definition
    ]


def _definitions(connection: Any) -> dict[str, str]:
    """Name of a trigger -> its definition, which with PostgreSQL is the comment on it."""
    statement = {
        "postgresql": (
            "SELECT tgname, obj_description(oid, 'pg_trigger') FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgenabled <> 'D'"
        ),
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return dict(cursor.fetchall())


def remove(owner: str, connection: Any) -> None:
    """Take away the triggers of a versioned model, by its name: for a migration that goes back."""
    names = _definitions(connection)
    remove_named([each for each in names if each.startswith(f"version_of_{owner}_by_")], connection)


def remove_named(names: Iterable[str], connection: Any) -> None:
    with connection.cursor() as cursor:
        for name in names:
            if connection.vendor == "postgresql":  # its trigger goes with it
                cursor.execute(f"DROP FUNCTION {name}() CASCADE")
            else:
                cursor.execute(f"DROP TRIGGER {name}")
