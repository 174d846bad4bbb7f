"""Branches: paths through a conversation's tree of messages, followed by the database.

A conversation may have thousands of messages: none is read only to find its parent.
"""

from django.db.models.expressions import RawSQL

TABLE = "vision_chat_message"


def ids_up_from(message_id: int, most: int | None = None) -> RawSQL:
    """Return the ids of a message and of those above it, at most `most` of them, as a subquery."""
    limit = "" if most is None else "WHERE up.step < %s"
    statement = f"""
        WITH RECURSIVE up(id, parent_id, step) AS (
            SELECT id, parent_id, 1 FROM {TABLE} WHERE id = %s
            UNION ALL
            SELECT above.id, above.parent_id, up.step + 1
            FROM {TABLE} above JOIN up ON above.id = up.parent_id {limit}
        )
        SELECT id FROM up
    """  # noqa: S608 - the name of the table only
    return RawSQL(statement, [message_id] if most is None else [message_id, most])  # noqa: S611 - as above


def ids_down_from(message_id: int) -> RawSQL:
    """Return the ids of a message and of all that follow it, on all branches, as a subquery."""
    statement = f"""
        WITH RECURSIVE down(id) AS (
            SELECT id FROM {TABLE} WHERE id = %s
            UNION ALL
            SELECT below.id FROM {TABLE} below JOIN down ON below.parent_id = down.id
        )
        SELECT id FROM down
    """  # noqa: S608 - the name of the table only
    return RawSQL(statement, [message_id])  # noqa: S611 - as above
