"""Checks of a review: of one candidate each, or of the review as a whole."""
