"""What was done, by whom, in order: a hash chain in SQLite, signed checkpoints, SSH signatures.

Modules are imported by name where they are needed, so that nothing here loads cryptography early.
"""
