"""The chat-completion call to any OpenAI-compatible endpoint. No Django.

In go an `Endpoint` (address, model name, key), messages as JSON and `Parameters`; out comes the text as it is
streamed, and at the end a `Finish` (reason, usage, cost, ids). Every failure of a call
is a CompletionError. An `Endpoint` or `Parameters` that are wrong raise ConfigurationError or ParameterError
when they are made, before any call.

- `endpoints.Endpoint`: an address with a model there, its key, and the limits of that model
- `habits.habits_in`, `habits.Habits`: what a refusal shows of an endpoint, and a request amended by it
- `parameters.Parameters`: the optional parameters, checked before anything is sent; stored as JSON
- `client.CompletionClient`: one for each process; `stream` begins a completion, `look_up` asks the catalogue
- `completion.Completion`: an asynchronous iterator over its pieces; `finish` says how it ended
- `timeouts.Timeouts`, `retries.Retries`: how long to wait, and how often to try again
- `catalogue.ModelStatus`: is the model still offered, and which others take images
- `entries.Entry`: one model of the list, with what it can do and what it costs
- `catalogue.Catalogue`: the last known status of each model; `refresh` asks its endpoint
- `chunks.ReplyReader`: the same reading without a connection: bytes in, text and `Finish` out
"""
