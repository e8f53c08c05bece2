"""What people read, in other languages: what the code says, what a catalogue answers, and the
compiled form Django loads. English has no catalogue, because the message ids are the English text;
a copy of them could only fall behind.
"""

import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ROOT / "rivya_app" / "locale"
LANGUAGES = ("hi",)

# Sentences of our packages which our people meet and which the packages do not have in every
# language. Each entry is a package and those of its files whose words reach our pages.
BORROWED = {
    "allauth": (
        "account/adapter.py",
        "account/fields.py",
        "account/forms.py",
        "mfa/adapter.py",
        "mfa/base/forms.py",
        "mfa/totp/forms.py",
    ),
    "django": (
        "contrib/auth/password_validation.py",
        "core/validators.py",
        "forms/fields.py",
        "forms/forms.py",
        "forms/models.py",
    ),
}
_PACKAGE_CATALOGUES = {
    "allauth": ("locale",),
    "django": ("conf/locale", "contrib/auth/locale"),
}
# Sentences the packages do have, in words that read badly; ours stand before theirs.
REWORDED = frozenset(
    {
        "Ensure this value is greater than or equal to %(limit_value)s.",
        "Ensure this value is less than or equal to %(limit_value)s.",
        "Enter a number.",
        "Enter a valid URL.",
        "Enter a valid UUID.",
        "Enter a valid date.",
        "Enter a valid email address.",
        "Enter a valid time.",
        "Enter a valid value.",
        "Enter a whole number.",
        "No file was submitted.",
        "Select a valid choice. %(value)s is not one of the available choices.",
        "Select a valid choice. That choice is not one of the available choices.",
        "The submitted file is empty.",
        "This field is required.",
        "Upload a valid image. The file you uploaded was either not an image or a corrupted image.",
    }
)
_KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sdr]|\{\w*\}|</?\w[^>]*>")
# Lines of a header that change with the clock or the tool and would make every diff noisy.
_RESTLESS = re.compile(
    rb'^"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By'
    rb"|Project-Id-Version|Report-Msgid-Bugs-To): .*\n",
    re.MULTILINE,
)
_TITLE = "# What people read in this language; kept by `manage.py translations`."


def catalogue_of(language: str) -> Path:
    """Where the translations into `language` are kept."""
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def update(language: str) -> bool:
    """Bring the catalogue in line with the code; says whether the file changed.

    A new sentence close to a known one starts with its translation, marked fuzzy. What the code no
    longer says is dropped.
    """
    path = catalogue_of(language)
    catalogue = read(language)
    catalogue.update(wanted(language))
    catalogue.header_comment = _TITLE
    catalogue.fuzzy = False
    text = _written(catalogue)
    if path.exists() and path.read_bytes() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return True


def check(language: str) -> list[str]:
    """What is wrong with the catalogue, one line each; nothing is written."""
    known, said = read(language), wanted(language)
    missing = [f"not in the catalogue: {_name(message)}" for message in _absent(said, known)]
    gone = [f"no longer in the code: {_name(message)}" for message in _absent(known, said)]
    return (
        missing + gone + [trouble for message in _messages(known) for trouble in _faults(message)]
    )


def compile_all(locales: Path = LOCALES) -> list[Path]:
    """Write each `.mo` that is absent or older than its `.po`; returns those written."""
    stale = [source for source in sorted(locales.glob("*/LC_MESSAGES/*.po")) if _is_stale(source)]
    return [_compile(source) for source in stale]


def wanted(language: str) -> Catalog:
    """Every sentence of the code and the templates, and the borrowed ones nobody translated."""
    catalogue = Catalog(locale=language, fuzzy=False)
    for name, text in _our_sources():
        _collect(catalogue, name, text)
    for package in BORROWED:
        theirs = _translated_by(package, language)
        for name, text in _borrowed_sources(package):
            _collect(catalogue, name, text, without=theirs)
    return catalogue


def read(language: str) -> Catalog:
    """The catalogue as it is stored; empty where there is none yet."""
    path = catalogue_of(language)
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, ignore_obsolete=True)


def placeholders(text: str) -> list[str]:
    """What a translation has to keep: %(names)s, {braces} and <marks>, sorted."""
    return sorted(set(_PLACEHOLDER.findall(text)))


def _our_sources() -> Iterator[tuple[str, bytes]]:
    for path in sorted((ROOT / "rivya_app").rglob("*.py")):
        if "migrations" not in path.parts:
            yield path.relative_to(ROOT).as_posix(), path.read_bytes()
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            name = path.relative_to(ROOT).as_posix()
            yield name, _as_python(path.read_text(encoding="utf-8"), name)


def _borrowed_sources(package: str) -> Iterator[tuple[str, bytes]]:
    for name in BORROWED[package]:
        yield f"{package}/{name}", (files(package) / name).read_bytes()


def _as_python(template: str, name: str) -> bytes:
    """The template's calls for translation, in Python's spelling, one line where it has one.

    Indentation goes, because Python would read a meaning into it.
    """
    lines = templatize(template, origin=name).splitlines()
    return "\n".join(line.strip() for line in lines).encode()


def _collect(
    catalogue: Catalog, name: str, text: bytes, without: frozenset[object] = frozenset()
) -> None:
    found = extract("python", BytesIO(text), _KEYWORDS, ("Translators:",), {"encoding": "utf-8"})
    for _line, message, comments, context in found:
        key = message if isinstance(message, str) else message[0]
        if key and (key in REWORDED or (key, context) not in without):
            catalogue.add(message, None, [(name, 0)], auto_comments=comments, context=context)


def _translated_by(package: str, language: str) -> frozenset[object]:
    """The (id, context) pairs for which the package brings words in `language` itself."""
    pairs: set[object] = set()
    for locale in _PACKAGE_CATALOGUES[package]:
        path = files(package) / locale / language / "LC_MESSAGES" / "django.mo"
        if path.is_file():
            with path.open("rb") as file:
                pairs |= {_key(message) for message in _messages(read_mo(file))}
    return frozenset(pairs)


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _absent(these: Catalog, those: Catalog) -> Iterator[Message]:
    """Messages of `these` that `those` lacks, or has with another plural."""
    known = {(_key(message), tuple(message.id)) for message in _messages(those)}
    return (m for m in _messages(these) if (_key(m), tuple(m.id)) not in known)


def _faults(message: Message) -> Iterator[str]:
    forms = _forms(message.string)
    if message.fuzzy:
        yield f"fuzzy: {_name(message)}"
    if not forms or not all(forms):
        yield f"untranslated: {_name(message)}"
        return
    ids = _forms(message.id)
    singular, plural = ids[0], ids[-1]
    for form in forms:
        if placeholders(form) not in (placeholders(plural), placeholders(singular)):
            yield f"other placeholders: {_name(message)}"
        if _edges(form) != _edges(singular):
            yield f"other white space at the ends: {_name(message)}"


def _forms(string: str | Iterable[str] | None) -> list[str]:
    return [string] if isinstance(string, str) else list(string or ())


def _edges(text: str) -> tuple[str, str]:
    stripped = text.strip()
    return text[: text.find(stripped)], text[text.find(stripped) + len(stripped) :]


def _key(message: Message) -> tuple[str, str | None]:
    return _forms(message.id)[0], message.context or None


def _name(message: Message) -> str:
    first, context = _key(message)
    return f"{first!r}" + (f" ({context})" if context else "")


def _written(catalogue: Catalog) -> bytes:
    file = BytesIO()
    write_po(file, catalogue, width=0, ignore_obsolete=True, include_lineno=False)
    return _RESTLESS.sub(b"", file.getvalue())


def _is_stale(source: Path) -> bool:
    made = source.with_suffix(".mo")
    return not made.exists() or made.stat().st_mtime_ns < source.stat().st_mtime_ns


def _compile(source: Path) -> Path:
    """Beside its source, put in place at once, since running processes may be reading it."""
    made = source.with_suffix(".mo")
    partial = source.with_suffix(".mo.partial")
    with source.open("rb") as po, partial.open("wb") as mo:
        write_mo(mo, read_po(po, locale=source.parts[-3]))
    return partial.replace(made)
