"""The SSH wire encoding of RFC 4251, section 5, read strictly: one value has one encoding."""

from __future__ import annotations


def string(data: bytes) -> bytes:
    """Write a string: four bytes of length, then the bytes."""
    return len(data).to_bytes(4, "big") + data


def mpint(value: int) -> bytes:
    """Write a non-negative integer: shortest big-endian two's complement."""
    return string(value.to_bytes(value.bit_length() // 8 + 1, "big") if value else b"")


class Reader:
    """Reads values off a blob; every method raises ValueError when the blob does not hold one."""

    def __init__(self, blob: bytes) -> None:
        self._blob = blob
        self._at = 0

    def take(self, count: int) -> bytes:
        """Read exactly `count` bytes."""
        if self._at + count > len(self._blob):
            raise ValueError("it ends too early")
        self._at += count
        return self._blob[self._at - count : self._at]

    def number(self) -> int:
        """Read an unsigned 32-bit number."""
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        """Read a string."""
        return self.take(self.number())

    def text(self) -> str:
        """Read a string of ASCII."""
        return self.string().decode("ascii")

    def mpint(self) -> int:
        """Read a non-negative integer in its shortest form."""
        data = self.string()
        value = int.from_bytes(data, "big")
        if string(data) != mpint(value):
            raise ValueError("a number is negative or padded")
        return value

    def end(self) -> None:
        """Refuse anything left over."""
        if self._at != len(self._blob):
            raise ValueError("it has bytes left over")
