"""Language models as rows: which one a person's turn goes to, and what is called for it.

- `choice.chosen_model`: the row that the next turn of a person's conversation goes to
- `calling.endpoint_for`: that row as address, key, name and rules of a request; `calling.rules_for`
  without the key
- `offered.offered_models`: all that a person may choose among, and what is known of each;
  `offered.offered_model` the one that a turn goes to, for pages: without its key
- `keys`: keys of endpoints, encrypted in their rows or held by variables of the environment
- `environment.sync_environment`: the rows of the endpoint and the model that the environment names
- `default.make_default`: one model for all who have chosen none
- `imports.import_models`: rows for models that the catalogue of an endpoint offers
- `trial.try_model`: tiny requests to a model: its times, and whether it sees a picture
- `records.record_trial`: such a request as a Completion
"""
