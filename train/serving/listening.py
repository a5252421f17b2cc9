"""Listening at a port: what every server of this program does before it serves."""

from __future__ import annotations

import ipaddress
import socket

_BACKLOG = 128
"""Connections that may wait to be taken."""


class CannotListen(ValueError):
    """The port is taken or not ours to take, or the host is not this machine."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at `host`:`port` (0: any free one). Raises `CannotListen`."""
    # asyncio sends small packets at once only where the protocol is said to be TCP; without that,
    # every answer waits 40 ms for the caller's acknowledgement of its head.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise CannotListen(f"cannot listen at {host}:{port} ({error.strerror})") from None
    return listening


def address(host: str, port: int) -> str:
    """The address that a browser or client is told."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens at `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
