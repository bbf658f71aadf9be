"""`undersign` and `python -m undersign`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    # Arrow's own allocator holds on to more memory and costs a quarter more time on our columns.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    try:
        from undersign.faces.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # before `run` could catch it, or while it was answering
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
