"""Triggers that keep entries from being changed or removed, on either database, and people's numbers too.

They hold off slips and careless scripts; whoever drops them is found out by the chain. Archived entries
may be removed: the end of the log says up to which.
"""

from typing import Final

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

ENTRIES: Final = "vision_chat_auditentry"
NAMES: Final = "vision_chat_auditname"
HEAD: Final = "vision_chat_audithead"
SEALED: Final = f"COALESCE((SELECT MAX(sealed_sequence) FROM {HEAD}), 0)"  # noqa: S608 - names of tables
REFUSAL: Final = "The audit log can only be added to."

SQLITE: Final = {
    f"{ENTRIES}_unchanged": (
        f"CREATE TRIGGER {ENTRIES}_unchanged BEFORE UPDATE ON {ENTRIES} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    ),
    f"{ENTRIES}_kept": (
        f"CREATE TRIGGER {ENTRIES}_kept BEFORE DELETE ON {ENTRIES} WHEN old.sequence > {SEALED} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    ),
    # REPLACE INTO removes a row without telling the trigger for that
    f"{ENTRIES}_unreplaced": (
        f"CREATE TRIGGER {ENTRIES}_unreplaced BEFORE INSERT ON {ENTRIES} "  # noqa: S608 - the same
        f"WHEN EXISTS (SELECT 1 FROM {ENTRIES} WHERE sequence = new.sequence) "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    ),
    # a name may change, and its account go
    f"{NAMES}_theirs": (
        f"CREATE TRIGGER {NAMES}_theirs BEFORE UPDATE ON {NAMES} "
        "WHEN new.number IS NOT old.number OR new.person_id IS NOT COALESCE(old.person_id, -1) "
        "AND new.person_id IS NOT NULL "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    ),
}

FUNCTION: Final = "vision_chat_keep_audit"
BODY: Final = f"""
BEGIN
  IF TG_OP = 'DELETE' AND OLD.sequence <= {SEALED} THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '{REFUSAL}';
END
"""
NAMES_FUNCTION: Final = "vision_chat_keep_names"
NAMES_BODY: Final = f"""
BEGIN
  IF NEW.number = OLD.number AND (NEW.person_id IS NULL OR NEW.person_id = OLD.person_id) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '{REFUSAL}';
END
"""
FUNCTIONS: Final = {FUNCTION: BODY, NAMES_FUNCTION: NAMES_BODY}
POSTGRESQL: Final = {
    f"{ENTRIES}_kept": (
        f"CREATE TRIGGER {ENTRIES}_kept BEFORE UPDATE OR DELETE ON {ENTRIES} "
        f"FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()"
    ),
    f"{ENTRIES}_whole": (
        f"CREATE TRIGGER {ENTRIES}_whole BEFORE TRUNCATE ON {ENTRIES} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"
    ),
    f"{NAMES}_theirs": (
        f"CREATE TRIGGER {NAMES}_theirs BEFORE UPDATE ON {NAMES} "
        f"FOR EACH ROW EXECUTE FUNCTION {NAMES_FUNCTION}()"
    ),
}
IN_SQLITE: Final = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s)"
IN_POSTGRESQL: Final = """
SELECT tgname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE (tgrelid, prosrc) IN ((to_regclass(%s), %s), (to_regclass(%s), %s)) AND tgenabled IN ('O', 'A')
"""


def missing(database: BaseDatabaseWrapper = connection) -> list[str]:
    """Return the names of triggers that are not there, or not as they should be."""
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute(IN_POSTGRESQL, [ENTRIES, BODY, NAMES, NAMES_BODY])
            found = {name for (name,) in cursor.fetchall()}
            return sorted(POSTGRESQL.keys() - found)
        cursor.execute(IN_SQLITE, [ENTRIES, NAMES])
        # a table that was renamed stands in quotation marks
        present = {name: statement.replace('"', "") for name, statement in cursor.fetchall()}
        return sorted(name for name, statement in SQLITE.items() if present.get(name) != statement)


def restore(database: BaseDatabaseWrapper = connection) -> None:
    """Make the triggers, in place of those that are there."""
    is_postgresql = database.vendor == "postgresql"
    wanted = POSTGRESQL if is_postgresql else SQLITE
    with database.cursor() as cursor:
        remove(database)
        for name, body in FUNCTIONS.items() if is_postgresql else ():
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
            )
        for statement in wanted.values():
            cursor.execute(statement)


def remove(database: BaseDatabaseWrapper = connection) -> None:
    """Take the triggers away, for a migration that goes back."""
    is_postgresql = database.vendor == "postgresql"
    with database.cursor() as cursor:
        for name in POSTGRESQL if is_postgresql else SQLITE:
            table = name.rpartition("_")[0]
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if is_postgresql else ""))
        for name in FUNCTIONS if is_postgresql else ():
            cursor.execute(f"DROP FUNCTION IF EXISTS {name}()")
