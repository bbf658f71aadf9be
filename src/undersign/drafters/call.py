"""The one door to every drafter."""
