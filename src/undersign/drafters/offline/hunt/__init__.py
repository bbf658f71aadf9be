"""The offline drafter of hunts: queries from questions, by rule and by what is really there."""

from undersign.drafters.offline.hunt.ask import ask

__all__ = ["ask"]
