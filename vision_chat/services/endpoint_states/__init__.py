"""What all processes know of endpoints in trouble: pauses that they asked for, and failures in a row.

- `rules`: what follows from a state and an event, and whether a request may be sent; pure
- `rows`: the states in the database, changed under a lock and by its clock
- `states.EndpointStates`: those states in one process, read at most once a second
- `gate.Gate`: the way of one reply's requests: it waits, is refused, or goes, and tells what came of it
"""
