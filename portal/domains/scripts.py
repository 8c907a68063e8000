"""Foreign names that look like other names: mixed scripts, and letters that imitate Latin ones.

After Unicode Technical Standard 39, level "highly restrictive", and what browsers refuse to show as written.
"""

from __future__ import annotations

import unicodedata

# Scripts that are written together; the name of a character begins with its script.
_TOGETHER = (
    frozenset(("LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC")),
    frozenset(("LATIN", "CJK", "BOPOMOFO")),
    frozenset(("LATIN", "CJK", "HANGUL")),
)
_NEUTRAL = frozenset(("DIGIT", "ARABIC-INDIC", "EXTENDED", "HYPHEN-MINUS", "COMBINING", "MODIFIER", "MIDDLE", "ZERO"))
# Letters that are easily taken for Latin ones, alone or in a whole word.
_LOOKALIKES = {
    "CYRILLIC": frozenset("асԁеһіјӏорԛѕԝхуъьҽпгѵѡ"),
    "GREEK": frozenset("αικνρυωηοτ"),
    "ARMENIAN": frozenset("ագզլհոսրցքօ"),
}


def deceptive(name: str) -> bool:
    """Whether a part of `name` (in Unicode) mixes scripts, or imitates Latin before an ending of another script."""
    *labels, ending = name.split(".")
    return any(_mixed(label) for label in (*labels, ending)) or any(_imitates(label, ending) for label in labels)


def _scripts(label: str) -> set[str]:
    return {unicodedata.name(letter, "UNKNOWN").split()[0] for letter in label} - _NEUTRAL


def _mixed(label: str) -> bool:
    scripts = _scripts(label)
    return len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER)


def _imitates(label: str, ending: str) -> bool:
    """Under an ending of the same script a word is what it looks like."""
    scripts = _scripts(label)
    if len(scripts) != 1 or scripts == _scripts(ending):
        return False
    letters = {letter for letter in label if not letter.isascii()}
    return bool(letters) and letters <= _LOOKALIKES.get(scripts.pop(), frozenset())
