"""Processes for what no thread can be trusted with: reading what people bring, in time and memory.

- `process.ChildProcess(handler)`: one process, asked from any thread; it is killed at the deadline
- `loop`: its script, with little memory, no environment and nothing of this application

A handler is a script with a function `answer(question)`, from what `json` reads to what it writes.
"""
