"""What a card says of a signed timeline and of the date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from undersign.records.clock import SignedClaims, Today


def signed_of(body: Mapping[str, Any]) -> SignedClaims:
    times = {claim: at.astimezone(UTC) for claim, at in body["times"].items()}
    return SignedClaims(body["digest"], body["signer"], times)


def now_of(body: Mapping[str, Any]) -> Today:
    return Today(body["date"])
