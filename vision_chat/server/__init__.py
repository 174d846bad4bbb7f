"""One server process around Django: its runtime and its ASGI middleware.

- `lifespan.running()`: runs everything that lives as long as the process: writer, replies, image worker
- `assembly.assemble`: makes these objects and connects them, to a `runtime.Runtime`
- `runtime.runtime_of(request)`, `runtime.context_of(request)`: the runtime, and a use-case's context
- `defaults.default_settings`, `endpoint_of`, `timeouts_of`: the settings of a turn from the configuration
- `inbox.Inbox`: what waits to be handled by one socket
- `subscriptions.Subscriptions`: the replies that one socket follows
- `origins.SameOriginOnly`, `body_limit.BodyLimit`, `waiting_room.WaitingRoom`, `static_files.StaticFiles`:
  ASGI middleware
- `serving.serve`: uvicorn, and an end at which pages come back elsewhere; `workers` keeps several
- `alone.Alone`: work of the site that one process does at a time
- `readiness.Readiness`: whether this process can serve, for `/readyz`
- `database_watch.DatabaseWatch`: lets nobody wait for a database that is away
- `places.PAGES`, `UPLOADS`, `PICTURES`, `EXPORTS`, `POOL`, `CONNECTIONS`: how much Django works on at once
- `protocols.GuardedHttp`, `GuardedSocket`: uvicorn's protocols with the limits of `guard`, counted by `crowd`
- `exports.ExportGate`, `exports.stream`: the export of a person, one at a time
- `housekeeping.Housekeeping`: cleans up once a minute, and when it is woken
- `moderation.Moderation`: asks models whether turns are safe, once a minute
- `refusals.refusal`, `refuse`, `meaning_of`: answers to what the server cannot take now
- `known_sessions.known_sessions`: the sessions that are known to be somebody's
- `request_ids.RequestIds`: ASGI middleware that gives each request and each socket its id
- `logs.RedactingFormatter`, `JsonFormatter`: lines of the log, without secrets and what people wrote
- `metrics_port.serve_metrics`, `record_metrics`, `forget_process`: metrics of a server and of its processes
- `measured_requests.MeasuredRequests`, `measured_database`, `sampling.Sampling`: where they come from
- `occasional.OccasionalWarning`: a log line a minute for what happens in floods
- `static_files.collect`: collects and compresses the static files before the server starts
"""
