"""Values that must never leave: made up here from a fixed seed, so that no file holds one."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass, fields

LETTERS = string.ascii_letters + string.digits
INTERNAL = "corp.example.org"
"""The domain that the policy of the tests calls internal."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One value of each sort."""

    github: str
    aws_id: str
    aws_key: str
    password: str
    host: str
    mail: str

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(getattr(self, f.name) for f in fields(self))

    def settings(self) -> str:
        """A file as a project has it, with every value in it."""
        return (
            "# settings of the billing service\n"
            f"GITHUB_TOKEN={self.github}\n"
            f"AWS_ACCESS_KEY_ID={self.aws_id}\n"
            f"AWS_SECRET_ACCESS_KEY={self.aws_key}\n"
            f"DATABASE_URL=postgres://app:{self.password}@{self.host}:5432/app\n"
            f"ALERTS_TO={self.mail}\n"
            "LOG_LEVEL=info\n"
        )


def planted(seed: int) -> Planted:
    """Return the values of a seed."""
    dice = random.Random(seed)

    def drawn(alphabet: str, count: int) -> str:
        return "".join(dice.choices(alphabet, k=count))

    return Planted(
        github="ghp_" + drawn(LETTERS, 36),
        aws_id="AKIA" + drawn("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
        aws_key=drawn(LETTERS + "+/", 40),
        password=drawn(LETTERS, 20),
        host=f"db{dice.randrange(10, 99)}-{drawn(string.ascii_lowercase, 6)}.{INTERNAL}",
        mail=f"{drawn(string.ascii_lowercase, 8)}@{drawn(string.ascii_lowercase, 9)}.net",
    )
