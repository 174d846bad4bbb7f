"""Branches: paths through a conversation's tree of messages, followed by the database.

A conversation may have thousands of messages, and a message as many siblings: none is read only to find its
way. Visible are the messages that were sent and not deleted, as `Message.objects.sent()` has them.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection
from django.db.models.expressions import RawSQL

TABLE = "vision_chat_message"
VISIBLE = "{0}.state = 'sent' AND {0}.deleted_at IS NULL"


@dataclass(frozen=True, slots=True)
class Siblings:
    """The place of a message among the visible ones with the same parent, which counts from 1."""

    index: int
    count: int
    previous_id: int | None
    next_id: int | None


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


def leaf_below(message_id: int) -> int:
    """Return the message at the end of the branch that was last shown through this visible one.

    Below a message goes on its `shown_child`; where there is none, or it was deleted, the newest visible one.
    """
    # `+ 0`: PostgreSQL would look for the highest id of the whole table, and see there whose child it is
    statement = f"""
        WITH RECURSIVE down(id, step) AS (
            SELECT id, 0 FROM {TABLE} WHERE id = %s
            UNION ALL
            SELECT COALESCE(
                (SELECT shown.id FROM {TABLE} shown
                 WHERE shown.id = above.shown_child_id AND {VISIBLE.format("shown")}),
                (SELECT MAX(newest.id + 0) FROM {TABLE} newest
                 WHERE newest.conversation_id = above.conversation_id AND newest.parent_id = above.id
                 AND {VISIBLE.format("newest")})
            ), down.step + 1
            FROM down JOIN {TABLE} above ON above.id = down.id
        )
        SELECT id FROM down WHERE id IS NOT NULL ORDER BY step DESC LIMIT 1
    """  # noqa: S608 - the name of the table only
    with connection.cursor() as cursor:
        cursor.execute(statement, [message_id])
        (leaf_id,) = cursor.fetchone()
        return int(leaf_id)


def show_branch_to(leaf_id: int) -> None:
    """Let each message above the leaf have its `shown_child` on the branch to it.

    Read and written are those alone of which that does not hold yet.
    """
    statement = f"""
        WITH RECURSIVE up(id, parent_id, shown_child_id, below) AS (
            SELECT id, parent_id, shown_child_id, CAST(NULL AS bigint) FROM {TABLE} WHERE id = %s
            UNION ALL
            SELECT above.id, above.parent_id, above.shown_child_id, up.id
            FROM {TABLE} above JOIN up ON above.id = up.parent_id
        )
        SELECT below, id FROM up
        WHERE below IS NOT NULL AND (shown_child_id IS NULL OR shown_child_id <> below)
    """  # noqa: S608 - the name of the table only
    with connection.cursor() as cursor:
        cursor.execute(statement, [leaf_id])
        if others := cursor.fetchall():
            cursor.executemany(f"UPDATE {TABLE} SET shown_child_id = %s WHERE id = %s", others)  # noqa: S608 - as above


def siblings_of(message_ids: Collection[int]) -> dict[int, Siblings]:
    """Return the place of each of these messages among its siblings, where it has any. One query for all."""
    if not message_ids:
        return {}
    ids = ", ".join(str(int(message_id)) for message_id in message_ids)
    # in two parts, because no index answers "the same parent, or none either"
    statement = f"""
        {_places(ids, "sibling.parent_id = one.parent_id")} AND one.parent_id IS NOT NULL
        UNION ALL
        {_places(ids, "sibling.parent_id IS NULL")} AND one.parent_id IS NULL
    """
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {of_id: Siblings(*place) for of_id, *place in cursor.fetchall() if place[1] > 1}


def _places(ids: str, has_same_parent: str) -> str:
    """Return the statement that finds the places of messages.

    By a subquery for each figure: a join would leave to PostgreSQL where it begins, which without statistics
    is with all siblings, each compared with all others. `+ 0` as above.
    """
    siblings = f"""
        FROM {TABLE} sibling
        WHERE sibling.conversation_id = one.conversation_id AND {has_same_parent}
        AND {VISIBLE.format("sibling")}
    """
    return f"""
        SELECT one.id,
            (SELECT COUNT(*) {siblings} AND sibling.id <= one.id),
            (SELECT COUNT(*) {siblings}),
            (SELECT MAX(sibling.id + 0) {siblings} AND sibling.id < one.id),
            (SELECT MIN(sibling.id + 0) {siblings} AND sibling.id > one.id)
        FROM {TABLE} one WHERE one.id IN ({ids}) AND {VISIBLE.format("one")}
    """  # noqa: S608 - the name of the table, and numbers
