"""Exports of conversations with their reviews, made while they are read: as a data set, a table, or whole.

- `choices.Choices`: what an export is to have
- `selections.ConversationSelection`, `selections.ItemSelection`: which conversations, or items of a queue
- `selections.of_person(person)`, `selections.of_server()`: the door, asked again for every batch
- `pieces.pieces(selection, choices)`: the file, in pieces; each step reads the database for itself
- `schemas.schema_of(kind)`: the JSON Schema of a line; docs/export.md describes it
"""
