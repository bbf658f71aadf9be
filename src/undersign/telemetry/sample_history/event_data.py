"""The data sections of the Windows events that occur in the sample history, field by field.

Field names and codes are the documented ones of Windows security auditing, Sysmon and PowerShell.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from random import Random
from typing import Any, NamedTuple

from undersign.telemetry.sample_history.estate import DOMAIN, REALM, Account, Host, sid_of
from undersign.telemetry.sample_history.tape import stamp

Data = dict[str, Any]

AES, RC4 = "0x12", "0x17"
ADMIN_PRIVILEGES = (
    "SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\t"
    "SeTakeOwnershipPrivilege\r\n\t\t\tSeDebugPrivilege\r\n\t\t\tSeImpersonatePrivilege"
)
_SYSTEM_SUBJECT = {
    "SubjectUserSid": "S-1-5-18",
    "SubjectDomainName": DOMAIN,
    "SubjectLogonId": "0x3e7",
}
_NO_GUID = "{00000000-0000-0000-0000-000000000000}"


class Ticket(NamedTuple):
    """One Kerberos request: who asks from where for what."""

    account: str
    service: str
    address: str
    encryption: str = AES
    status: str = "0x0"


class Program(NamedTuple):
    """A program as a process event shows it."""

    image: str
    command_line: str
    parent: str
    parent_line: str = ""


def guid(rng: Random) -> str:
    """Draw a GUID in the form Windows writes it."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{{{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}}}"


def logon_id(rng: Random) -> str:
    """Draw a logon id."""
    return f"0x{rng.randrange(0x10000, 0xFFFFFFF):x}"


def logon(rng: Random, account: Account, kind: int, host: Host, session: str) -> Data:
    """Describe 4624 on `host`; `kind` is the logon type, `account.home` the place it came from."""
    local = kind in (2, 5, 7, 11)
    return {
        **_SYSTEM_SUBJECT,
        "SubjectUserName": host.account if local else "-",
        "TargetUserSid": account.sid,
        "TargetUserName": account.name,
        "TargetDomainName": DOMAIN,
        "TargetLogonId": session,
        "LogonType": kind,
        "LogonProcessName": {2: "User32 ", 7: "User32 ", 5: "Advapi  ", 10: "User32 "}.get(
            kind, "Kerberos"
        ),
        "AuthenticationPackageName": "Negotiate" if local else "Kerberos",
        "WorkstationName": host.name if local else "-",
        "LogonGuid": guid(rng),
        "LmPackageName": "-",
        "KeyLength": 0,
        "ProcessName": "C:\\Windows\\System32\\svchost.exe" if local else "-",
        "IpAddress": "127.0.0.1" if local else account.home.address,
        "IpPort": "0" if local else str(rng.randrange(49152, 65535)),
        "ElevatedToken": "%%1842" if account.admin else "%%1843",
    }


def failed_logon(rng: Random, account: str, kind: int, origin: Host, sub_status: str) -> Data:
    """Describe 4625: sub status 0xc000006a is a wrong password, 0xc0000071 an expired one."""
    return {
        "SubjectUserSid": "S-1-0-0",
        "SubjectUserName": "-",
        "SubjectDomainName": "-",
        "SubjectLogonId": "0x0",
        "TargetUserSid": "S-1-0-0",
        "TargetUserName": account,
        "TargetDomainName": DOMAIN,
        "Status": "0xc000006d",
        "FailureReason": "%%2313",
        "SubStatus": sub_status,
        "LogonType": kind,
        "LogonProcessName": "NtLmSsp " if kind == 3 else "User32 ",
        "AuthenticationPackageName": "NTLM" if kind == 3 else "Negotiate",
        "WorkstationName": origin.name,
        "ProcessName": "-" if kind == 3 else "C:\\Windows\\System32\\svchost.exe",
        "IpAddress": origin.address if kind == 3 else "127.0.0.1",
        "IpPort": str(rng.randrange(49152, 65535)) if kind == 3 else "0",
    }


def logoff(account: Account, kind: int, session: str) -> Data:
    """Describe 4634, the end of a logon session."""
    return {
        "TargetUserSid": account.sid,
        "TargetUserName": account.name,
        "TargetDomainName": DOMAIN,
        "TargetLogonId": session,
        "LogonType": kind,
    }


def privileges(account: Account, session: str) -> Data:
    """Describe 4672, special privileges of a new logon."""
    return {
        "SubjectUserSid": account.sid,
        "SubjectUserName": account.name,
        "SubjectDomainName": DOMAIN,
        "SubjectLogonId": session,
        "PrivilegeList": ADMIN_PRIVILEGES,
    }


def tgt(rng: Random, ticket: Ticket) -> Data:
    """Describe 4768, a ticket-granting ticket."""
    return {
        "TargetUserName": ticket.account,
        "TargetDomainName": REALM,
        "TargetSid": sid_of(ticket.account),
        "ServiceName": "krbtgt",
        "ServiceSid": sid_of("krbtgt"),
        "TicketOptions": "0x40810010",
        "Status": ticket.status,
        "TicketEncryptionType": ticket.encryption,
        "PreAuthType": "2",
        "IpAddress": f"::ffff:{ticket.address}",
        "IpPort": str(rng.randrange(49152, 65535)),
    }


def service_ticket(rng: Random, ticket: Ticket) -> Data:
    """Describe 4769, a service ticket."""
    return {
        "TargetUserName": f"{ticket.account}@{REALM}",
        "TargetDomainName": REALM,
        "ServiceName": ticket.service,
        "ServiceSid": sid_of(ticket.service),
        "TicketOptions": "0x40810000",
        "TicketEncryptionType": ticket.encryption,
        "IpAddress": f"::ffff:{ticket.address}",
        "IpPort": str(rng.randrange(49152, 65535)),
        "Status": ticket.status,
        "LogonGuid": guid(rng),
        "TransmittedServices": "-",
    }


def preauth_failed(rng: Random, account: str, address: str) -> Data:
    """Describe 4771 with status 0x18: a wrong password at the domain controller."""
    return {
        "TargetUserName": account,
        "TargetSid": sid_of(account),
        "ServiceName": f"krbtgt/{REALM}",
        "TicketOptions": "0x40810010",
        "Status": "0x18",
        "PreAuthType": "2",
        "IpAddress": f"::ffff:{address}",
        "IpPort": str(rng.randrange(49152, 65535)),
    }


def ntlm(account: str, workstation: str, status: str = "0x0") -> Data:
    """Describe 4776, an NTLM validation."""
    return {
        "PackageName": "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0",
        "TargetUserName": account,
        "Workstation": workstation,
        "Status": status,
    }


def object_access(account: str, properties: str) -> Data:
    """Describe 4662 on the domain object; `properties` are the GUIDs of the rights used."""
    return {
        "SubjectUserSid": sid_of(account),
        "SubjectUserName": account,
        "SubjectDomainName": DOMAIN,
        "SubjectLogonId": "0x3e7",
        "ObjectServer": "DS",
        "ObjectType": "%{19195a5b-6da0-11d0-afd3-00c04fd930c9}",
        "ObjectName": "%{7b1c1a5e-0c0f-4f0e-9d1c-52cf0e6c2d11}",
        "OperationType": "Object Access",
        "AccessMask": "0x100",
        "Properties": f"%%7688\r\n\t\t{properties}",
    }


def new_process(rng: Random, program: Program, account: Account) -> Data:
    """Describe 4688 with the command line recorded."""
    return {
        "SubjectUserSid": account.sid,
        "SubjectUserName": account.name,
        "SubjectDomainName": DOMAIN,
        "SubjectLogonId": logon_id(rng),
        "NewProcessId": f"0x{rng.randrange(400, 60000) & ~3:x}",
        "NewProcessName": program.image,
        "TokenElevationType": "%%1937" if account.admin else "%%1938",
        "ProcessId": f"0x{rng.randrange(400, 60000) & ~3:x}",
        "CommandLine": program.command_line,
        "TargetUserName": "-",
        "ParentProcessName": program.parent,
        "MandatoryLabel": "S-1-16-12288" if account.admin else "S-1-16-8192",
    }


def process(rng: Random, at: int, program: Program, account: Account) -> Data:
    """Describe Sysmon 1; `ProcessGuid` and `ProcessId` can be handed on to later events."""
    return {
        "RuleName": "-",
        "UtcTime": stamp(at - 2, "%Y-%m-%d %H:%M:%S"),
        "ProcessGuid": guid(rng),
        "ProcessId": rng.randrange(400, 60000) & ~3,
        "Image": program.image,
        "OriginalFileName": program.image.rpartition("\\")[2],
        "CommandLine": program.command_line,
        "CurrentDirectory": "C:\\Windows\\System32\\",
        "User": f"{DOMAIN}\\{account.name}",
        "LogonId": logon_id(rng),
        "IntegrityLevel": "High" if account.admin else "Medium",
        "Hashes": _hashes(program.image),
        "ParentProcessGuid": guid(rng),
        "ParentProcessId": rng.randrange(400, 60000) & ~3,
        "ParentImage": program.parent,
        "ParentCommandLine": program.parent_line or program.parent,
    }


def by_process(parent: Data, at: int) -> Data:
    """Begin a Sysmon event that the process of `parent` caused."""
    return {
        "RuleName": "-",
        "UtcTime": stamp(at - 2, "%Y-%m-%d %H:%M:%S"),
        "ProcessGuid": parent["ProcessGuid"],
        "ProcessId": parent["ProcessId"],
        "Image": parent["Image"],
    }


def connection(rng: Random, started: Data, at: int, host: Host, target: tuple[str, str]) -> Data:
    """Describe Sysmon 3 to `target`: (address, port)."""
    return {
        **by_process(started, at),
        "User": started["User"],
        "Protocol": "tcp",
        "Initiated": True,
        "SourceIsIpv6": False,
        "SourceIp": host.address,
        "SourceHostname": host.fqdn,
        "SourcePort": rng.randrange(49152, 65535),
        "DestinationIsIpv6": False,
        "DestinationIp": target[0],
        "DestinationPort": int(target[1]),
    }


def dns(started: Data, at: int, name: str, address: str) -> Data:
    """Describe Sysmon 22."""
    return {
        **by_process(started, at),
        "QueryName": name,
        "QueryStatus": "0",
        "QueryResults": f"::ffff:{address};",
    }


def file_created(started: Data, at: int, path: str) -> Data:
    """Describe Sysmon 11."""
    made = stamp(at - 2, "%Y-%m-%d %H:%M:%S")
    return {**by_process(started, at), "TargetFilename": path, "CreationUtcTime": made}


def registry_set(started: Data, at: int, key: str, details: str) -> Data:
    """Describe Sysmon 13."""
    return {
        **by_process(started, at),
        "EventType": "SetValue",
        "TargetObject": key,
        "Details": details,
    }


def service_state(service: str, state: str) -> Data:
    """Describe 7036."""
    return {"param1": service, "param2": state}


def service_installed(service: str, image_path: str, start: str, account: str) -> Data:
    """Describe 7045."""
    return {
        "ServiceName": service,
        "ImagePath": image_path,
        "ServiceType": "user mode service",
        "StartType": start,
        "AccountName": account,
    }


def script_block(rng: Random, text: str, path: str = "") -> Data:
    """Describe 4104 with the whole script in one block."""
    return {
        "MessageNumber": 1,
        "MessageTotal": 1,
        "ScriptBlockText": text,
        "ScriptBlockId": guid(rng).strip("{}"),
        "Path": path,
    }


@cache
def _hashes(image: str) -> str:
    digest = sha256(image.lower().encode()).hexdigest().upper()
    return f"SHA256={digest}"
