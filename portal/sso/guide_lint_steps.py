"""Whether the steps of a guide use directives that there are, tell every value, and agree between languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from portal.sso.guide_lint_facts import Wrong, line_of
from portal.sso.guide_source import Directive, Prose, Section, Source
from portal.sso.guide_text import copied
from portal.sso.guide_words import GROUPS, NEEDED_GROUPS, NEEDED_VALUES, NOTES, SECOND_VALUE, VALUES

# The portal's own steps, which follow every guide.
RESERVED = ("review", "test", "activate")


def check(source: Source) -> Iterator[Wrong]:
    """Each thing wrong with steps and directives, with its line."""
    yield from _ids(source)
    yield from _directives(source)
    yield from _needed(source)
    yield from _told(source)
    yield from _faults(source)


def compare(source: Source, other: Source) -> Iterator[Wrong]:
    """Where a translation `other` has other facts, steps or directives than `source`."""
    for key in other.facts.keys() - {"name"}:
        yield line_of(other, key), f"facts stand in {source.file.name} alone; here only name"
    ids, theirs = ([section.id for section in one.sections] for one in (source, other))
    if ids != theirs:
        yield 1, f"steps must be {', '.join(ids)} as in {source.file.name}"
        return
    for section, twin in zip(source.sections, other.sections, strict=True):
        if _shape(section) != _shape(twin):
            yield twin.line, f"the directives of this step differ from those in {source.file.name}"


def _shape(section: Section) -> list[tuple[str, str]]:
    parts = (part for part in section.parts if isinstance(part, Directive))
    return [(part.name, _same(part)) for part in parts]


def _same(part: Directive) -> str:
    """What of a directive is the same in every language."""
    if part.name in NOTES:
        return ""
    return copied(part)[part.name == "text"]


def _ids(source: Source) -> Iterator[Wrong]:
    if not source.sections:
        yield 1, "there is no step"
    seen: set[str] = set()
    for section in source.sections:
        if section.id in RESERVED:
            yield section.line, f"{section.id} is a step of the portal's own"
        if section.id in seen:
            yield section.line, f"the step {section.id} is there twice"
        if not section.parts:
            yield section.line, "the step is empty"
        seen.add(section.id)


def _directives(source: Source) -> Iterator[Wrong]:
    for section in source.sections:
        for part in section.parts:
            if isinstance(part, Directive) and (reason := _fault(part, source)):
                yield part.line, reason


def _fault(part: Directive, source: Source) -> str:
    known: tuple[str, ...]
    if part.name == "copy":
        known = (*VALUES[source.facts["protocol"]], *(f"attribute.{field}" for field in source.facts["attributes"]))
    elif part.name == "fields":
        known = GROUPS[source.facts["protocol"]]
    elif part.name in NOTES:
        return "" if part.text else f"::{part.name} says nothing"
    elif part.name == "text":
        return "" if all(copied(part)) else "::text is written so: ::text Label | what is pasted"
    else:
        return f"there is no directive ::{part.name}"
    value = copied(part)[0]
    return "" if value in known else f"::{part.name} knows {', '.join(known)}, not {value or 'nothing'}"


def _needed(source: Source) -> Iterator[Wrong]:
    protocol = source.facts["protocol"]
    copies = {copied(part)[0] for part in source.directives("copy")}
    groups = Counter(part.text for part in source.directives("fields"))
    second = SECOND_VALUE[protocol]
    for value in NEEDED_VALUES[protocol]:
        if value not in copies:
            yield 1, f"::copy {value} is missing"
    for group in NEEDED_GROUPS[protocol]:
        if group not in groups:
            yield 1, f"::fields {group} is missing"
    yield from ((1, f"::fields {group} is there twice") for group, times in groups.items() if times > 1)
    if source.facts["second_reply"] != (second in copies):
        yield line_of(source, "second_reply"), f"second_reply is true exactly if there is ::copy {second}"
    if "manual" in groups and "manual" not in source.facts["metadata"]:
        yield line_of(source, "metadata"), "::fields manual needs the way manual in metadata"


def _told(source: Source) -> Iterator[Wrong]:
    """Nobody can send an attribute whose name the guide keeps to itself."""
    copies = {copied(part)[0] for part in source.directives("copy")}
    parts = [part for section in source.sections for part in section.parts]
    text = "\n".join(part.text for part in parts if isinstance(part, Prose) or part.name in NOTES)
    for field, name in source.facts["attributes"].items():
        if f"attribute.{field}" not in copies and f"`{name}`" not in text and f"**{name}**" not in text:
            yield line_of(source, "attributes"), f"the text does not tell the name of {field}: {name}"


def _faults(source: Source) -> Iterator[Wrong]:
    ids = {section.id for section in source.sections}
    for fault, step in source.facts["faults"].items():
        if step not in ids:
            yield line_of(source, fault), f"{fault} is mended in step {step}, which there is not"
