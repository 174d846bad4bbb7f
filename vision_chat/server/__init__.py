"""The server process around Django: what it owns, and the ASGI middleware before it.

`runtime` owns the writer, the running replies and the image worker; `subscriptions` are the replies that one
socket watches; `origins`, `body_limit` and `static_files` stand before the application.
"""
