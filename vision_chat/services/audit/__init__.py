"""The audit log: a chain of entries that can be added to, and nothing else.

- `record(action, actor, ...)`: adds an entry in the caller's transaction, so before anything is shown or done
- `record_each(action, actor, conversations, ...)`: adds an entry for each of many conversations
- `opened(actor, conversation)`, `opened_each(...)`: the same for reading, at most once an hour
- `names.forget(person)`: takes a name out of the log, whose chain stays whole
- `readers.readers_of(owner)`: who has read a person's conversations
- `verifying.verify(archives)`: the first break of the chain, and its kind
- `archiving.archive(before, path)`: moves old entries to a file, and says so in the log
- `triggers.missing()`, `triggers.restore()`: what keeps rows from being changed or removed by a slip

Reasons: docs/decisions/0046-audit-log.md.
"""

from vision_chat.services.audit.appending import opened, opened_each, record, record_each

__all__ = ["opened", "opened_each", "record", "record_each"]
