"""Which network addresses belong to the open Internet."""

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# A public translator's addresses: only the IPv4 address at their end says where they lead.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Refused(Exception):
    """The name leads to an address of a private or special network."""


def of(host: str, port: int, *, may_be_private: bool) -> list[str]:
    """The addresses of `host`, in the order to try. Raises Refused where any of them is not public.

    Any, not all: a name that mixes both is trying something. Raises OSError for an unknown name.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    texts = list(dict.fromkeys(str(info[4][0]) for info in found))
    if not may_be_private and not all(is_public(text) for text in texts):
        raise Refused
    return texts


def is_public(text: str) -> bool:
    """Whether this address is one of the open Internet."""
    try:
        address = ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        return False
    return all(_is_open(each) for each in _meant(address))


def _is_open(address: Address) -> bool:
    return address.is_global and not address.is_multicast


def _meant(address: Address) -> list[Address]:
    """The address itself, and those that tunnels and translators would reach through it."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    return [address, *(each for each in inside if each is not None)]
