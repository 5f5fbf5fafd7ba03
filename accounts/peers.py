"""The real peer of a request, for limits. Only headers of our own proxies are believed."""

import ipaddress

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
    try:
        parsed = ipaddress.ip_address(peer_address(request).partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        # A server that listens on both families sees every IPv4 peer like this (RFC 4291, 2.5.5.2).
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, 64), strict=False))
