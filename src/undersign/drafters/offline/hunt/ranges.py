"""Addresses that are nobody's on the internet, and what stands in address fields without being one.

RFC 1918 private, RFC 6598 carrier-grade NAT, RFC 1122 loopback, RFC 3927 link-local.
"""

from __future__ import annotations

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
SPECIAL = ("100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16")
NOT_PUBLIC = PRIVATE + SPECIAL
IPV4 = r"^[0-9]{1,3}(\.[0-9]{1,3}){3}$"
"""What an IPv4 address looks like; a service name such as `ec2.amazonaws.com` does not."""
IPV6_LOCAL = r"(?i)^(::1$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)"
"""Loopback, unique-local and link-local IPv6."""
NOT_PUBLIC_TEXT = (
    r"^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|127\.|169\.254\."
    r"|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.)"
)
"""The same ranges as `NOT_PUBLIC`, for a language without a function for ranges."""
