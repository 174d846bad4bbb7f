"""A throttle for signing in, which slows down the guessing of passwords and never locks an account.

Tries are counted by account and address, and by address. So an attacker slows down only the addresses that
the attack comes from; the account's owner signs in from elsewhere as always.
"""

import hashlib
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from django.core.cache.backends.base import BaseCache

from vision_chat.services.site.cache import SiteCache, site_cache

FREE_FAILURES = {"account": 4, "address": 20}
LONGEST_WAIT = 60
REMEMBERED_FOR = 15 * 60


@dataclass(frozen=True, slots=True)
class LoginThrottle:
    """The throttle for one user name and one address. `now` is a clock in seconds.

    Where the cache that processes share does not answer, each process counts for itself.
    """

    username: str
    address: str
    now: Callable[[], float] = time.time
    counters: SiteCache = site_cache

    def begin(self) -> int:
        """Count a try and return 0, or the seconds to wait before the next one may be made.

        Called before the password is checked, so that a hundred tries at once do not all count as the first.
        """
        return self.counters.run(self._begin)

    def _begin(self, cache: BaseCache) -> int:
        if wait := max(self._wait(cache, kind, free) for kind, free in FREE_FAILURES.items()):
            return wait
        for kind in FREE_FAILURES:
            key = self._key(kind)
            cache.add(key, 0, REMEMBERED_FOR)
            with suppress(ValueError):  # it expired in between
                cache.incr(key)
            cache.touch(key, REMEMBERED_FOR)
            cache.set(f"{key}:last", self.now(), REMEMBERED_FOR)
        return 0

    def succeeded(self) -> None:
        """Forget this try, and the earlier failures of this account."""
        self.counters.run(self._forget)

    def _forget(self, cache: BaseCache) -> None:
        account, address = self._key("account"), self._key("address")
        with suppress(ValueError):  # it expired in between
            cache.delete_many([account, f"{account}:last"])
            cache.decr(address)

    def _wait(self, cache: BaseCache, kind: str, free: int) -> int:
        key = self._key(kind)
        known = cache.get_many([key, f"{key}:last"])
        failures: int = known.get(key, 0)
        if failures <= free:
            return 0
        pause: int = min(2 ** (failures - free), LONGEST_WAIT)
        last: float = known.get(f"{key}:last", 0.0)
        return max(0, math.ceil(last + pause - self.now()))

    def _key(self, kind: str) -> str:
        parts = (self.username.lower(), self.address) if kind == "account" else (self.address,)
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        return f"sign-in:{kind}:{digest}"
