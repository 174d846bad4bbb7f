"""Running replies: each is a task that streams a completion, independent of any socket.

- `turn.Turn`, `turn.TurnSettings`: a question and its reply; endpoint, model and parameters
- `runner.Runner(dependencies, limits)`: the replies of this process. `start(turn)` returns a `LiveReply`;
  `stop` ends one; `drain` ends all of them at shutdown; `live` and `written` return what is in memory
- `slots.ReplyLimits`, `slots.Door`: how many replies may run and wait; the way of new replies into a process
- `admission.process_of_new`: whether a new reply has a slot; `admission.ahead_in_line`: who waits, and where
- `line.Line(replies).run()`: takes the replies that wait for a slot
- `dependencies.Dependencies`: writer, client, catalogue, image worker and timeouts, which all replies share
- `live.LiveReply.follow(cursor, send)`: send the events of a reply, from a cursor to its end
- `preview.preview_of`: which images the next request would hold and what they cost, before it is made
- `parts.parts_to_ask`: the parts of a picture that a reply asks about one after the other
- `sent.rebuilt`: the messages of a request as they went out
- `history.Cursor`: the revision that a watcher has seen
- `orphans.settle_orphans`: interrupt generations that no process writes any more, and tell their people;
  `orphans.Sweep` does it for those of other processes; `orphan_rows` has their rows

    runner ──┬── _run                  one call: stream the completion into memory, then settle its replies
             │   ├── _writing          one reply of it, in memory, and how it ended
             │   ├── _books            what its rows are to say, saved at its end until that works
             │   ├── _exchange         what the endpoint is asked, and asked again
             │   │   ├── _amendments   what is sent instead of a request that was refused
             │   │   └── _prompt       the branch as messages, by the model's rules
             │   │       └── _bundles  its images as copies that go together, and which of them go
             │   ├── _part_errors      whether the next part is asked about after an error
             │   ├── _answer_images    pictures of the answer, stored like uploads
             │   └── _outcomes         the columns of generation and completion at the end
             ├── line                  takes those that wait
             │   └── admission         what runs and waits, counted in the database
             │       └── slots         who is next
             ├── _aside                slots of calls that write no reply
             ├── checkpoints           texts at intervals
             ├── ends                  the end by compare-and-set
             ├── _further              rows of another answer of the call, or of the next part
             └── live                  thoughts and answer in memory, and who watches
                 ├── _live_places      the places in pictures that the answer names
                 ├── _live_text        one of the two, as it grows and is rendered
                 │   └── history       its blocks by revision
                 ├── thinking          for how long the model thought
                 └── _pacing           the tick at which it is rendered
"""
