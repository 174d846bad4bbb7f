"""Few threads and places for many people: whose turn it is, and work that several wait for.

- `fair_queue.FairQueue`: a queue in which people take turns
- `minute_limit.MinuteLimit`: how often a person may do something in a minute
- `person_turns.PersonTurns`: threads for blocking work, of which nobody has more than one at a time
- `single_flight.SingleFlight`: work that several ask for at once, and that is done once
"""
