"""Running replies: from a turn's rows to an answer that is written, watched and settled.

    turn ── runner ──┬── prompt       the branch as messages, by the model's rules
                     ├── run          one reply: stream the completion into memory, settle the row
                     ├── checkpoints  texts by the clock, the end by compare-and-set, orphans
                     └── live ── history, pacing    the text, its watchers, its blocks by revision

In goes a `Turn`, by `Runner.start`; out comes a `LiveReply`, which any number of sockets `follow`. A reply
is a task that belongs to no socket. `Runner.stop` ends it, `Runner.drain` all of them at shutdown.
"""
