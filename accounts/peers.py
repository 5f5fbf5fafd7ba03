"""The real peer of a request, for limits. Only headers of our own proxies are believed."""

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest


def peer_address(request: HttpRequest) -> str:
    """The address that spoke to us or, behind TRUSTED_PROXIES proxies, to the outermost of them."""
    address: str = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        hops = [hop for hop in hops if hop]
        if len(hops) >= settings.TRUSTED_PROXIES:
            address = hops[-settings.TRUSTED_PROXIES]
    return address


def peer_network(request: HttpRequest) -> str:
    """The peer as limits count it: an IPv4 address, or the /64 an IPv6 subscriber has to itself."""
    return _network(peer_address(request), ipv4_bits=32, ipv6_bits=64)


def peer_neighbourhood(request: HttpRequest) -> str:
    """What one customer of a provider may own many peers of: an IPv4 /24, an IPv6 /56."""
    return _network(peer_address(request), ipv4_bits=24, ipv6_bits=56)


@lru_cache(maxsize=8)  # a request asks several times for the same; nobody is remembered for long
def _network(address: str, *, ipv4_bits: int, ipv6_bits: int) -> str:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        # A server that listens on both families sees every IPv4 peer like this (RFC 4291, 2.5.5.2).
        parsed = parsed.ipv4_mapped
    bits = ipv4_bits if isinstance(parsed, ipaddress.IPv4Address) else ipv6_bits
    network = ipaddress.ip_network((parsed, bits), strict=False)
    return str(network.network_address if network.prefixlen == 32 else network)
