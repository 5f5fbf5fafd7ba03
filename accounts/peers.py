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
    address = peer_address(request)
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 6:
        return str(ipaddress.ip_network(f"{parsed}/64", strict=False))
    return str(parsed)
