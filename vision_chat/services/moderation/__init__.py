"""Moderation: models that are asked whether a turn is safe, for the rules of review queues that want it.

- `protocol`: what a model is told, and how its answer is read
- `claims.claim(most, besides)`: the turns that are due, each for one process
- `questions.read(claim)`: a turn with its pictures
- `asking.Moderator(...).ask_all(most)`: asks about what is due, and keeps the verdicts
"""
