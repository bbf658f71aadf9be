"""`undersign` and `python -m undersign`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        from undersign.faces.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # before `run` could catch it, or while it was answering
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
