"""What people and machines run and reach on an ordinary day. Tables only."""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple

from undersign.telemetry.sample_history.event_data import Program

EXPLORER = "C:\\Windows\\explorer.exe"
SERVICES = "C:\\Windows\\System32\\services.exe"
SVCHOST = "C:\\Windows\\System32\\svchost.exe"
POWERSHELL_EXE = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"
FLEET_AGENT = "C:\\Program Files\\Fleet Agent\\fleetagent.exe"
_OFFICE = "C:\\Program Files\\Microsoft Office\\root\\Office16"


class Habit(NamedTuple):
    """A program, where it connects, and how often it is started compared with the others."""

    program: Program
    name: str
    address: str
    port: str
    weight: int


def encoded(script: str) -> str:
    """Encode a script as PowerShell's -EncodedCommand wants it: base64 of UTF-16LE."""
    return b64encode(script.encode("utf-16-le")).decode()


def _app(image: str, arguments: str = "", parent: str = EXPLORER) -> Program:
    return Program(image, f'"{image}"{" " * bool(arguments)}{arguments}', parent)


HABITS = (
    Habit(
        _app("C:\\Program Files\\Browser\\browser.exe", "--type=renderer"),
        "www.example.com",
        "198.51.100.20",
        "443",
        9,
    ),
    Habit(_app(f"{_OFFICE}\\OUTLOOK.EXE"), "mail.corp.example", "10.20.0.60", "443", 4),
    Habit(
        _app(f"{_OFFICE}\\EXCEL.EXE", '"S:\\Reports\\monthly.xlsx"'),
        "intranet.corp.example",
        "10.20.0.61",
        "443",
        4,
    ),
    Habit(
        _app(f"{_OFFICE}\\WINWORD.EXE", '/n "C:\\Users\\Public\\Documents\\letter.docx"'),
        "fonts.example.net",
        "198.51.100.41",
        "443",
        3,
    ),
    Habit(
        _app("C:\\Program Files\\Chat\\chat.exe", "--processStart"),
        "chat.example.org",
        "198.51.100.77",
        "443",
        3,
    ),
    Habit(
        _app("C:\\Program Files\\ERP Client\\erp.exe", "-profile default"),
        "erp.corp.example",
        "10.20.0.62",
        "8443",
        3,
    ),
    Habit(
        _app("C:\\Windows\\System32\\cmd.exe", "/c S:\\Tools\\labels.cmd"),
        "prn01.corp.example",
        "10.20.0.20",
        "9100",
        1,
    ),
    Habit(
        _app("C:\\Windows\\System32\\notepad.exe", "notes.txt"),
        "www.example.com",
        "198.51.100.20",
        "443",
        1,
    ),
)
HABIT_WEIGHTS = tuple(habit.weight for habit in HABITS)

BACKGROUND = (
    Program(SVCHOST, f"{SVCHOST} -k netsvcs -p -s wuauserv", SERVICES),
    Program(SVCHOST, f"{SVCHOST} -k LocalService -p -s nsi", SERVICES),
    Program(
        "C:\\Windows\\System32\\taskhostw.exe",
        "taskhostw.exe KEYROAMING",
        SVCHOST,
    ),
    Program(
        "C:\\Program Files\\Endpoint Guard\\egscan.exe",
        '"C:\\Program Files\\Endpoint Guard\\egscan.exe" --quick --idle',
        SERVICES,
    ),
    Program(
        "C:\\Windows\\System32\\schtasks.exe",
        "schtasks.exe /query /fo csv",
        FLEET_AGENT,
    ),
)

ADMIN_SCRIPTS = (
    "Get-HotFix | Sort-Object InstalledOn | Select-Object -Last 5 | ConvertTo-Json",
    "Get-Service | Where-Object Status -eq 'Stopped' | ConvertTo-Json",
    "Get-PSDrive -PSProvider FileSystem | Select-Object Name,Free | ConvertTo-Json",
    "Get-LocalGroupMember -Group Administrators | ConvertTo-Json",
)
"""Inventory scripts that the fleet agent runs encoded, as many real management tools do."""

SERVICE_NAMES = (
    "Windows Update",
    "Background Intelligent Transfer Service",
    "Software Protection",
    "Windows Modules Installer",
    "Endpoint Guard Scan",
)

NEW_SERVICES = (
    ("Endpoint Guard Update", '"C:\\Program Files\\Endpoint Guard\\egupdate.exe" /svc'),
    ("Fleet Agent", f'"{FLEET_AGENT}" --service'),
    ("Browser Elevation Service", '"C:\\Program Files\\Browser\\elevation_service.exe"'),
    ("Backup Agent", '"C:\\Program Files\\Backup Agent\\bkpagent.exe" -k'),
)
