"""People: their sessions, their signing in, the first administrator, and the deletion of an account.

`sessions.SocketSession` checks who is behind a socket; `login_throttle.LoginThrottle` slows down the guessing
of passwords; `setup` lets the first administrator be created once; `people.delete` deletes an account.
"""
