"""Pictures and documents that people name by their address on the web, fetched under a guard.

    text ── targets ── lookup ── rules ── _connections ── fetcher: redirects go the same way again

- `fetcher.Fetcher`: fetches an address into a file; raises FetchErrors
- `rules.Rules`: which addresses and ports may be reached; `rules.PUBLIC` is what a server has

Whoever may send this server somewhere could reach what only the server can: its own ports, its network, the
metadata of its cloud. So a name is looked up once, every address that it has must be public, and the
connection goes to one of these.
"""
