"""The offline drafter of hunts: queries from questions, and edits of queries.

By rule and by what is really there: names are columns of `Visible`, literals are words of the
question or values really seen.
"""

from undersign.drafters.offline.hunt.ask import ask
from undersign.drafters.offline.hunt.refine import refine

__all__ = ["ask", "refine"]
