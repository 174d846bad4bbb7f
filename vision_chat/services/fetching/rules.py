"""Which IP addresses and ports may be reached."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address

_IPV4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this host
            "10.0.0.0/8",
            "100.64.0.0/10",  # shared by customers of a provider; metadata of one cloud
            "127.0.0.0/8",
            "168.63.129.16/32",  # services of a cloud for its own machines
            "169.254.0.0/16",  # of the link; metadata of most clouds
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
"""All that is not public, said here: what Python calls global differs between its releases."""

_GLOBAL_IPV6: Final = IPv6Network("2000::/3")
"""Outside of it are loopback, links, private networks, IPv4 in IPv6 (::ffff:0:0/96), NAT64 (64:ff9b::/96)."""
_IPV6: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # Teredo, ORCHID and others
            "2001:db8::/32",
            "2002::/16",  # 6to4: an IPv4 address in it is reached
            "3fff::/20",
        ),
    )
)


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _IPV4)
    return (
        address.scope_id is None
        and address in _GLOBAL_IPV6
        and not any(address in network for network in _IPV6)
    )


@dataclass(frozen=True, slots=True)
class Rules:
    """The ports and addresses that may be reached."""

    ports: frozenset[int] = frozenset({80, 443})
    allows: Callable[[Address], bool] = is_public

    def allow(self, host: str) -> bool:
        """Tell whether an IP address as text may be reached; False for any other text."""
        try:
            return self.allows(ip_address(host))
        except ValueError:
            return False


PUBLIC: Final = Rules()
