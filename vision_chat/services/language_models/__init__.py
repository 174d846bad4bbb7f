"""Language models as rows: which one a person's turn goes to, and what is called for it.

- `choice.chosen_model`: the row that a conversation of a person goes to next; None for that of the
  environment
- `calling.endpoint_for`: that row as address, key, name and rules of a request
- `offered.offered_models`: all that a person may choose among, as they are called
"""
