"""Empties the database after a test that commits, with less work than Django's own way.

Django's flush also deletes content types and permissions, and makes them anew by its signal `post_migrate`:
that is most of the time of a small test, and no test changes these rows. On PostgreSQL it truncates every
table, which makes a file for each, however few rows there are; here the rows are deleted.
"""

from django.core.management.color import no_style
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

LET_THE_LOG_GO = (
    "DELETE FROM vision_chat_audithead;",
    "INSERT INTO vision_chat_audithead (id, sequence, hash, sealed_sequence) "
    "VALUES (1, 0, '', 9000000000000000000);",
)
"""Statements after which triggers let every entry of the audit log be removed, as if all were archived."""
KEPT = {"auth_permission", "django_content_type", "django_migrations"}


def pytest_configure() -> None:
    """Let pytest-django, which makes a TransactionTestCase for each test, empty tables in this way."""
    TransactionTestCase._fixture_teardown = _empty_tables  # type: ignore[attr-defined]


def _empty_tables(case: TransactionTestCase) -> None:
    for name in case._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        empty(connections[name])


def empty(connection: BaseDatabaseWrapper) -> None:
    """Delete all rows that tests make, in one transaction, at whose end the references are checked."""
    names = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT
    if connection.vendor == "sqlite":
        statements = connection.ops.sql_flush(no_style(), sorted(names))
        connection.ops.execute_sql_flush([*LET_THE_LOG_GO, *statements])
        return
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("".join(LET_THE_LOG_GO))
        cursor.execute("".join(f"DELETE FROM {connection.ops.quote_name(name)};" for name in sorted(names)))
