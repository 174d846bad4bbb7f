"""JSON Schemas that people write: whether they are any, and whether an answer fits them.

- `validation.check_schema`: return what is wrong with a schema
- `validation.problem_of`: return where a value does not fit a schema
- `turns.in_turn`: call what does either, one call of a person at a time

A schema is a program: a regular expression in `pattern` may run for ever, and references may go round in
circles. So both are done in another process (`_process`, whose script is `_child`), which is killed at the
deadline, has little memory, no environment and nothing to fetch with.
"""
