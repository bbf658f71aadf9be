"""The kind of artifact that this surface makes."""

from __future__ import annotations

from undersign.surfaces.review.review_file import is_review, read
from undersign.workflow.kind import Kind

REVIEW_KINDS = (
    Kind(
        name="review",
        surface="review",
        suffixes=(".sarif",),
        matches=is_review,
        parse=read,
        template="reviews/{slug}.sarif",
    ),
)
