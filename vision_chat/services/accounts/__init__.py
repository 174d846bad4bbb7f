"""Accounts: sessions of sockets, the throttle of signing in, the first administrator, deletion.

- `sessions.session_key_of(headers)`: the session key in a socket's cookie
- `sessions.SocketSession(key).user()`: the active user of a socket's session, or SignedOutError
- `login_throttle.LoginThrottle(username, address)`: `begin()` counts a try and returns the seconds to wait;
  `succeeded()` forgets the failures of the account
- `setup.is_open()`, `renew_token()`, `is_valid(token)`, `create_administrator(token, user)`: set up the first
  administrator, once
- `people.delete(user)`: delete an account with everything that belongs to it
"""
