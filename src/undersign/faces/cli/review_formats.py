"""A review in the format a person asks for; each renderer is imported when it is called."""

from __future__ import annotations

from undersign.records.review import Review


def shown(review: Review, path: str | None, name: str, *, colour: bool = False) -> str:
    """Return a review as `text`, `markdown`, `github`, `html` or `sarif`."""
    if name == "sarif":
        from undersign.surfaces.review.review_file import write

        return write(review)
    if name == "markdown":
        from undersign.render.markdown_review import render as markdown

        return markdown(review, path)
    if name == "github":
        from undersign.render.github_review import render as github

        return github(review)
    if name == "html":
        from undersign.render.html_review import render as html

        return html(review, path)
    from undersign.render.text_review import render as text

    return text(review, path, colour=colour)
