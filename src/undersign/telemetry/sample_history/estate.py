"""The invented organisation whose week the sample history tells: hosts, accounts, services.

Names are roles and numbers, the domain is of RFC 2606, outside addresses are of RFC 5737.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

DOMAIN = "CORP"
REALM = "CORP.EXAMPLE"
DNS_SUFFIX = "corp.example"
_DOMAIN_SID = "S-1-5-21-1004336348-1177238915-682003330"

SERVER_ROLES = (
    ("DC01", "domain controller"),
    ("DC02", "domain controller"),
    ("FS01", "file server"),
    ("FS02", "file server"),
    ("RDS01", "terminal server"),
    ("SQL01", "database"),
    ("SQL02", "database"),
    ("APP01", "application server"),
    ("APP02", "application server"),
    ("WEB01", "web server"),
    ("PRN01", "print server"),
    ("BKP01", "backup"),
    ("MON01", "monitoring"),
    ("FLT01", "fleet management"),
)

SERVICE_ACCOUNTS = (
    "svc-backup",
    "svc-monitor",
    "svc-fleet",
    "svc-dirsync",
    "svc-print",
    "svc-scan",
    "svc-erp",
    "svc-crm",
    "svc-intranet",
    "svc-sql01",
    "svc-sql02",
    "svc-reports",
    "svc-payroll",
    "svc-wiki",
    "svc-tickets",
    "svc-build",
    "svc-artifacts",
    "svc-archive",
    "svc-search",
    "svc-mailrelay",
    "svc-badge",
    "svc-cad",
    "svc-lab",
    "svc-warehouse",
    "svc-shop",
    "svc-booking",
    "svc-phone",
    "svc-video",
    "svc-maps",
    "svc-survey",
    "svc-training",
    "svc-legal",
)
"""Accounts with a service principal name; every one but the first four can be asked for tickets."""

LEGACY_SERVICES = ("svc-print", "svc-scan", "svc-erp")
"""Still answer with RC4 tickets (encryption type 0x17): ordinary noise for weak-ticket rules."""


class Host(NamedTuple):
    """A computer of the domain."""

    name: str
    role: str
    address: str

    @property
    def fqdn(self) -> str:
        """The name under which it writes events."""
        return f"{self.name}.{DNS_SUFFIX}"

    @property
    def account(self) -> str:
        """Its machine account."""
        return f"{self.name}$"


class Account(NamedTuple):
    """An account that logs on somewhere."""

    name: str
    sid: str
    home: Host
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Estate:
    """Everything the week's events are about."""

    servers: dict[str, Host]
    workstations: tuple[Host, ...]
    people: tuple[Account, ...]
    admins: tuple[Account, ...]
    services: tuple[Account, ...]

    @property
    def hosts(self) -> tuple[Host, ...]:
        """All computers, servers first."""
        return (*self.servers.values(), *self.workstations)

    @property
    def controllers(self) -> tuple[Host, Host]:
        """The two domain controllers."""
        return self.servers["DC01"], self.servers["DC02"]

    @property
    def roastable(self) -> tuple[Account, ...]:
        """Service accounts that any user may ask a ticket for."""
        return self.services[4:]


def sid_of(name: str) -> str:
    """Give an account a security identifier that depends on its name alone."""
    return f"{_DOMAIN_SID}-{1100 + int.from_bytes(sha256(name.encode()).digest()[:2], 'big')}"


def build(workstations: int = 24, people: int = 40) -> Estate:
    """Lay out the organisation; a quarter of the people work on the terminal server."""
    servers = {
        name: Host(name, role, f"10.20.0.{10 + n}") for n, (name, role) in enumerate(SERVER_ROLES)
    }
    desks = tuple(
        Host(f"WKS-{n:04d}", "workstation", f"10.20.{30 + n // 200}.{20 + n % 200}")
        for n in range(1, workstations + 1)
    )
    at_desk = people - people // 4
    staff = tuple(
        _account(f"emp{1000 + n}", desks[n % len(desks)] if n < at_desk else servers["RDS01"])
        for n in range(people)
    )
    admins = tuple(_account(f"adm{n:02d}", desks[n % len(desks)], admin=True) for n in range(1, 4))
    homes = {"svc-backup": "BKP01", "svc-monitor": "MON01", "svc-fleet": "FLT01"}
    services = tuple(
        _account(name, servers[homes.get(name, "APP01")], admin=name in homes)
        for name in SERVICE_ACCOUNTS
    )
    return Estate(servers, desks, staff, admins, services)


def _account(name: str, home: Host, *, admin: bool = False) -> Account:
    return Account(name, sid_of(name), home, admin)
