"""The use-cases of a conversation, a module for each verb.

    submit  regenerate  resume  stop  rename  delete  restore  purge  catch_up

Whoever calls one (socket, view, admin, command) calls the same function, `async def verb(context, ...)`. In
goes a `Context`: who asks, and what this process writes and runs replies with. A use-case

1. changes rows in one short transaction on the writer's thread, where the caller's right is checked anew,
2. starts or stops a reply,
3. broadcasts what changed to every tab of the person, the caller's own among them.

It raises an error of `vision_chat.errors.turns` where it cannot be done, and nothing has changed then.
`docs/adding-a-command.md` shows what a new one touches.
"""
