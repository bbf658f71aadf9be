"""Classes of applications name chapters that the standards have, and leave none out for good."""

from __future__ import annotations

from undersign.catalogs.application_classes import STANDARDS, load
from undersign.catalogs.references import load as references


def test_every_chapter_is_there_and_every_class_has_some_always() -> None:
    for one in load().values():
        assert one.title
        assert all(references().requirements(chapter) for chapter in one.chapters), one.name
        assert "" in one.chapters.values(), one.name


def test_every_chapter_of_the_standards_is_in_some_class() -> None:
    named = {chapter for one in load().values() for chapter in one.chapters}
    for written, count in zip(STANDARDS.values(), (17, 12), strict=True):
        assert {written.format(n) for n in range(1, count + 1)} <= named
        assert not references().requirements(written.format(count + 1))
