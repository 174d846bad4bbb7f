"""Replies that run in one process and are watched in another.

- `link.Link(redis, site, boot_id)`: streams of replies, and mailboxes for what one process wants of another;
  `link.watch_redis` says when Redis is back
- `publisher.Publisher(link, replies).run()`: appends the replies of this process that others watch to streams
- `mirrors.Mirrors(link, readers, here)`: the replies that do not run here and that pages of this one watch.
  `get(where)` returns a `MirroredReply`, whose `follow` is that of a `LiveReply`; `run()` keeps it up to date

The rows are the truth, and each mirror begins with them; Redis only hastens. While it is away, mirrors grow
with the checkpoints.

    mirrors ──┬── mirrored   one of them: a live reply that grows as rows and entries tell
              │   └── rows   replies as their rows have them
    publisher ┴── link       names and letters
                  └── entries    what stands in streams and letters
"""
