"""Questions in English: read what they ask for, and link their words to what is really there."""

from undersign.languages.question.link import link
from undersign.languages.question.read import read

__all__ = ["link", "read"]
