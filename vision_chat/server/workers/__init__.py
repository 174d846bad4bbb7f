"""Several processes that serve one port: a supervisor, and workers that it starts and watches.

- `supervisor.Supervisor(count, start, patience, close)`: keeps so many workers alive. SIGHUP replaces them
  one by one, SIGTERM and SIGINT end them all
- `process.Starter(arguments, listener)`: starts a worker as a fresh interpreter that inherits the port
- `process.Worker`: a worker as its supervisor sees it
- `lifeline.Lifeline`: the supervisor as a worker sees it: it is told of life, and its end ends the worker

The lifeline is a pair of sockets, of which supervisor and worker hold an end each. The worker writes a byte
each second as soon as it serves; the supervisor writes one where it has replaced the worker. Each sees that
the other has died.
"""
