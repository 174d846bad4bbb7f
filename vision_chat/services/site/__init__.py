"""Means by which the processes of one site work as one, through the database and Redis that they share.

- `identity`: the id of the site, in every name in Redis
- `secret_key`: a fingerprint of SECRET_KEY, so that all have the same
- `leases`: work that one process is to do at a time
- `relay`: events to every tab of a person, in all processes
- `cache.site_cache`, `limit.SiteLimit`: counts of all together, and of each for itself while Redis is away
- `redis`: the client of Redis, imported there alone
"""
