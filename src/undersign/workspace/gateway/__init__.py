"""The gateway without HTTP: admit, forward, restore, audit."""
