"""The Merkle tree hash of RFC 6962, section 2.1, grown one leaf at a time."""

from __future__ import annotations

from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash one leaf: SHA-256 of 0x00 and the data."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees: SHA-256 of 0x01, left, right."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree that keeps only its full subtrees: log2(size) hashes, whatever the size."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[bytes] = []

    def add(self, data: bytes) -> None:
        """Append one leaf."""
        node = leaf_hash(data)
        complete = self.size
        while complete & 1:
            node = node_hash(self._full.pop(), node)
            complete >>= 1
        self._full.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the tree hash over every leaf so far: 32 bytes."""
        if not self._full:
            return EMPTY_ROOT
        node = self._full[-1]
        for left in reversed(self._full[:-1]):
            node = node_hash(left, node)
        return node
