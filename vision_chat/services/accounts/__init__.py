"""Accounts: sessions, the throttle of signing in, the first administrator, export, deletion.

- `sessions.session_key_of(headers)`: the session key in a socket's cookie
- `sessions.SocketSession(key).user()`: the active user of a socket's session, or SignedOutError
- `sessions.people_of(keys)`: whose many sessions are, in two queries
- `login_throttle.LoginThrottle(username, address)`: `begin()` counts a try and returns the seconds to wait;
  `succeeded()` forgets the failures of the account
- `setup.is_open()`, `current_token()`, `is_valid(token)`, `create_administrator(token, user)`: set up the
  first administrator, once
- `sessions.end_others(user, kept)`: end all sessions of a person but one
- `deletion.delete(context)`, `deletion.begin(user)`: close an account; `deletion.remove_batch()` removes what
  is closed, batch by batch
- `groups.make_groups()`: the ready groups that are missing, with their permissions
- `archive.pieces(person)`: everything that is a person's, as the pieces of a ZIP
"""
