"""An ordinary week: people who come, work and leave, machines that never sleep, nightly jobs.

Some of it looks like an attack on purpose: a backup that asks for many tickets, a monitor that gets
RC4 tickets, a management tool that runs encoded PowerShell, an account with an expired password.
"""

from __future__ import annotations

from undersign.telemetry.sample_history import event_data as ev
from undersign.telemetry.sample_history.estate import (
    LEGACY_SERVICES,
    Account,
    Estate,
    Host,
    sid_of,
)
from undersign.telemetry.sample_history.programs import (
    ADMIN_SCRIPTS,
    BACKGROUND,
    FLEET_AGENT,
    HABIT_WEIGHTS,
    HABITS,
    NEW_SERVICES,
    POWERSHELL_EXE,
    SERVICE_NAMES,
    encoded,
)
from undersign.telemetry.sample_history.tape import Tape

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_REPLICATION = "{1131f6aa-9c07-11d1-f79f-00c04fc2dcd2}"
_READ_PROPERTY = "{bf967a86-0de6-11d0-a285-00aa003049e2}"
_WEEKEND_SHARE = 0.07


def day(tape: Tape, estate: Estate, midnight: int) -> None:
    """Note one day of the whole organisation; `midnight` is UTC milliseconds."""
    weekend = (midnight // DAY + 3) % 7 >= 5  # the epoch began on a Thursday
    for person in (*estate.people, *estate.admins):
        if not weekend or tape.rng.random() < _WEEKEND_SHARE:
            _workday(tape, estate, person, midnight)
    for host in estate.hosts:
        _machine_day(tape, estate, host, midnight)
    _backup(tape, estate, midnight + HOUR)
    _monitoring(tape, estate, midnight + 3 * HOUR + 30 * MINUTE)
    _fleet(tape, estate, midnight + 12 * HOUR, weekend=weekend)
    _directory_sync(tape, estate, midnight)
    _expired_password(tape, estate, midnight)
    if not weekend:
        _rollout(tape, estate, midnight + 10 * HOUR)


def ask(tape: Tape, estate: Estate, at: int, ticket: ev.Ticket) -> int:
    """Note a service ticket at one of the domain controllers; return its order on the tape."""
    controller = estate.controllers[tape.rng.random() < 0.4]
    return tape.note(at, controller, "ticket", ev.service_ticket(tape.rng, ticket))


def run(tape: Tape, at: int, host: Host, program: ev.Program, account: Account) -> ev.Data:
    """Note a process start in Sysmon and, on servers and some of the time, in Security."""
    started = ev.process(tape.rng, at, program, account)
    tape.note(at, host, "process", started)
    if host.role != "workstation" or tape.rng.random() < 0.25:
        tape.note(at, host, "new process", ev.new_process(tape.rng, program, account))
    return started


def _workday(tape: Tape, estate: Estate, person: Account, midnight: int) -> None:
    rng = tape.rng
    begin = midnight + int(rng.gauss(8.4 * HOUR, 0.6 * HOUR))
    end = midnight + int(rng.gauss(17.2 * HOUR, 0.7 * HOUR))
    session = ev.logon_id(rng)
    _log_on(tape, estate, person, begin, session)
    kind = 10 if person.home.name == "RDS01" else 2
    tape.note(end, person.home, "logoff", ev.logoff(person, kind, session))
    for service in rng.sample(estate.roastable, rng.randint(2, 4)):
        weak = service.name in LEGACY_SERVICES
        at = _working_minute(tape, begin, end)
        kind_of_ticket = ev.RC4 if weak else ev.AES
        ticket = ev.Ticket(person.name, service.name, person.home.address, kind_of_ticket)
        ask(tape, estate, at, ticket)
    for _ in range(rng.randint(20, 32)):
        _activity(tape, estate, person, _working_minute(tape, begin, end))


def _working_minute(tape: Tape, begin: int, end: int) -> int:
    """Draw a moment of the workday; the hour after noon is half as likely."""
    at = tape.rng.randint(begin, max(begin + HOUR, end))
    if (at % DAY) // HOUR == 12 and tape.rng.random() < 0.5:
        at = tape.rng.randint(begin, max(begin + HOUR, end))
    return at


def _log_on(tape: Tape, estate: Estate, person: Account, at: int, session: str) -> None:
    rng = tape.rng
    home, controller = person.home, estate.controllers[rng.random() < 0.4]
    if rng.random() < 0.06:
        tape.note(at - 9_000, controller, "preauth failed", _mistyped(tape, person))
        failed = ev.failed_logon(rng, person.name, 2, home, "0xc000006a")
        tape.note(at - 8_990, home, "failed logon", failed)
    tape.note(at, controller, "tgt", ev.tgt(rng, ev.Ticket(person.name, "krbtgt", home.address)))
    for n, service in enumerate((home.account, controller.account)):
        ask(tape, estate, at + 300 + n, ev.Ticket(person.name, service, home.address))
    kind = 10 if home.name == "RDS01" else 2
    tape.note(at + 900, home, "logon", ev.logon(rng, person, kind, home, session))
    if person.admin:
        tape.note(at + 901, home, "privileges", ev.privileges(person, session))
    remote = ev.logon_id(rng)
    tape.note(at + 1200, controller, "logon", ev.logon(rng, person, 3, controller, remote))
    tape.note(at + 4200, controller, "logoff", ev.logoff(person, 3, remote))


def _mistyped(tape: Tape, person: Account) -> ev.Data:
    return ev.preauth_failed(tape.rng, person.name, person.home.address)


def _activity(tape: Tape, estate: Estate, person: Account, at: int) -> None:
    draw = tape.rng.random()
    if draw < 0.62:
        _open_program(tape, person, at)
    elif draw < 0.86:
        _open_share(tape, estate, person, at)
    elif draw < 0.95:
        session = ev.logon_id(tape.rng)
        tape.note(at, person.home, "logon", ev.logon(tape.rng, person, 7, person.home, session))
        if person.admin:
            tape.note(at + 1, person.home, "privileges", ev.privileges(person, session))
    else:
        controller = estate.controllers[0]
        tape.note(at, controller, "ntlm", ev.ntlm(person.name, person.home.name))


def _open_program(tape: Tape, person: Account, at: int) -> None:
    rng, host = tape.rng, person.home
    habit = rng.choices(HABITS, HABIT_WEIGHTS)[0]
    started = run(tape, at, host, habit.program, person)
    if rng.random() < 0.8:
        tape.note(at + 400, host, "dns", ev.dns(started, at + 400, habit.name, habit.address))
        target = (habit.address, habit.port)
        tape.note(at + 450, host, "connection", ev.connection(rng, started, at + 450, host, target))
    profile = f"C:\\Users\\{person.name}\\AppData\\Local"
    if rng.random() < 0.25:
        path = f"{profile}\\Temp\\~df{rng.getrandbits(32):08x}.tmp"
        tape.note(at + 2000, host, "file", ev.file_created(started, at + 2000, path))
    if rng.random() < 0.12:
        key = f"HKU\\{person.sid}\\Software\\Microsoft\\Office\\16.0\\Common\\LastUsed"
        data = ev.registry_set(started, at + 2500, key, f"DWORD (0x{rng.getrandbits(16):08x})")
        tape.note(at + 2500, host, "registry", data)


def _open_share(tape: Tape, estate: Estate, person: Account, at: int) -> None:
    rng = tape.rng
    server = estate.servers[rng.choice(("FS01", "FS01", "FS02", "PRN01"))]
    ask(tape, estate, at, ev.Ticket(person.name, server.account, person.home.address))
    session = ev.logon_id(rng)
    tape.note(at + 40, server, "logon", ev.logon(rng, person, 3, server, session))
    done = at + rng.randint(20_000, 15 * MINUTE)
    tape.note(done, server, "logoff", ev.logoff(person, 3, session))


def _machine_day(tape: Tape, estate: Estate, host: Host, midnight: int) -> None:
    rng = tape.rng
    machine = Account(host.account, "S-1-5-18", host, admin=True)
    for controller in estate.controllers:
        at = midnight + rng.randrange(DAY)
        ticket = ev.Ticket(host.account, "krbtgt", host.address)
        tape.note(at, controller, "tgt", ev.tgt(rng, ticket))
    for hour in range(24):
        at = midnight + hour * HOUR + rng.randrange(HOUR)
        controller = estate.controllers[rng.random() < 0.4]
        ask(tape, estate, at, ev.Ticket(host.account, controller.account, host.address))
        if rng.random() < 0.55:
            _background_work(tape, host, machine, at + rng.randrange(MINUTE))
        if rng.random() < 0.3:
            service, moment = rng.choice(SERVICE_NAMES), at + rng.randrange(HOUR // 2)
            tape.note(moment, host, "service state", ev.service_state(service, "running"))
            stopped = ev.service_state(service, "stopped")
            tape.note(moment + 2 * MINUTE, host, "service state", stopped)


def _background_work(tape: Tape, host: Host, machine: Account, at: int) -> None:
    rng = tape.rng
    started = run(tape, at, host, rng.choice(BACKGROUND), machine)
    session = ev.logon_id(rng)
    tape.note(at + 5, host, "logon", ev.logon(rng, machine, 5, host, session))
    tape.note(at + 6, host, "privileges", ev.privileges(machine, session))
    if rng.random() < 0.4:
        query = ev.dns(started, at + 900, "updates.example.org", "198.51.100.99")
        tape.note(at + 900, host, "dns", query)


def _backup(tape: Tape, estate: Estate, at: int) -> None:
    """The backup account asks for a ticket of every server and of the databases' services."""
    rng, origin = tape.rng, estate.servers["BKP01"]
    account = estate.services[0]
    targets = [host.account for host in estate.servers.values()]
    targets += ["svc-sql01", "svc-sql02", "svc-archive", "svc-reports", "svc-artifacts"]
    for target in targets:
        at += rng.randint(8_000, 35_000)
        ask(tape, estate, at, ev.Ticket(account.name, target, origin.address))
    for name in ("FS01", "FS02", "SQL01", "SQL02"):
        server, session = estate.servers[name], ev.logon_id(rng)
        tape.note(at, server, "logon", ev.logon(rng, account, 3, server, session))
        tape.note(at + 1, server, "privileges", ev.privileges(account, session))
        tape.note(at + 30 * MINUTE, server, "logoff", ev.logoff(account, 3, session))


def _monitoring(tape: Tape, estate: Estate, at: int) -> None:
    """The monitor still speaks RC4 and asks for a handful of services twice a night."""
    rng, origin = tape.rng, estate.servers["MON01"]
    for round_at in (at, at + 2 * HOUR):
        moment = round_at
        for service in rng.sample(estate.roastable, rng.randint(5, 8)):
            moment += rng.randint(5_000, 60_000)
            ticket = ev.Ticket("svc-monitor", service.name, origin.address, ev.RC4)
            ask(tape, estate, moment, ticket)


def _fleet(tape: Tape, estate: Estate, at: int, *, weekend: bool) -> None:
    """The fleet agent runs an encoded inventory script on servers, on workdays on desks too."""
    rng = tape.rng
    hosts = tuple(estate.servers.values()) if weekend else estate.hosts
    script = rng.choice(ADMIN_SCRIPTS)
    line = f"powershell.exe -NoProfile -NonInteractive -EncodedCommand {encoded(script)}"
    program = ev.Program(POWERSHELL_EXE, line, FLEET_AGENT, f'"{FLEET_AGENT}" --service')
    agent = Account("svc-fleet", sid_of("svc-fleet"), estate.servers["FLT01"], admin=True)
    for host in hosts:
        moment = at + rng.randrange(40 * MINUTE)
        run(tape, moment, host, program, agent)
        tape.note(moment + 700, host, "script", ev.script_block(rng, script))


def _directory_sync(tape: Tape, estate: Estate, midnight: int) -> None:
    """The second controller replicates and the directory sync reads, as they should."""
    rng, (first, second) = tape.rng, estate.controllers
    for hour in range(0, 24, 2):
        at = midnight + hour * HOUR + rng.randrange(HOUR)
        tape.note(at, first, "object access", ev.object_access(second.account, _REPLICATION))
        reading = ev.object_access("svc-dirsync", _READ_PROPERTY)
        tape.note(at + 5 * MINUTE, first, "object access", reading)


def _expired_password(tape: Tape, estate: Estate, midnight: int) -> None:
    """A scanner on the print server tries its expired password twice an hour."""
    rng, origin = tape.rng, estate.servers["PRN01"]
    for half_hour in range(48):
        at = midnight + half_hour * HOUR // 2 + rng.randrange(5 * MINUTE)
        failed = ev.failed_logon(rng, "svc-scan", 3, origin, "0xc0000071")
        tape.note(at, estate.servers["FS01"], "failed logon", failed)
        refused = ev.ntlm("svc-scan", origin.name, "0xc0000071")
        tape.note(at - 3, estate.controllers[0], "ntlm", refused)


def _rollout(tape: Tape, estate: Estate, at: int) -> None:
    """Software arrives on a few hosts and installs its service."""
    rng = tape.rng
    name, image = rng.choice(NEW_SERVICES)
    for host in rng.sample(estate.hosts, 4):
        moment = at + rng.randrange(2 * HOUR)
        data = ev.service_installed(name, image, "auto start", "LocalSystem")
        tape.note(moment, host, "service installed", data)
