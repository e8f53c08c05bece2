"""Sections of the style guide that other apps bring: each registers its own when it is ready."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, the template of one sample, and what makes the samples when the page is shown.

    Each sample is the name that stands above it, and the context of the template. `css` is the
    style sheet it needs beside the guide's own.
    """

    name: str
    title: Promise
    template: str
    samples: Callable[[], list[tuple[str, dict[str, Any]]]]
    css: str = ""

    def drawn(self) -> list[tuple[str, SafeString]]:
        """Each sample's name and markup."""
        return [(name, render_to_string(self.template, values)) for name, values in self.samples()]


_sections: dict[str, Section] = {}


def register(section: Section) -> None:
    """Show this section too; the same name again replaces it."""
    _sections[section.name] = section


def registered() -> list[Section]:
    return list(_sections.values())
