"""Text from outside that a person will read: all of it is seen, and it changes nothing around it.

Decided by the Unicode character database that Python carries. Letters of every script, marks,
symbols and emoji pass. What is not seen is refused: controls, line and paragraph separators,
direction marks and overrides, tags, zero-width characters, fillers and blanks that pass for
letters, private use, and what is not assigned (yet). Two joiners are needed to write some languages
and emoji, and pass where RFC 5892, A.1 and A.2, or an emoji sequence, has a use for them; a
variation selector passes behind a symbol. Look-alikes are not looked for.
"""

import unicodedata

NON_JOINER, JOINER = "\u200c", "\u200d"
VIRAMA = 9  # the combining class of a sign that joins two consonants
CURSIVE = ("ARABIC", "SYRIAC", "MANDAIC", "MONGOLIAN", "NKO", "ADLAM", "HANIFI ROHINGYA")
UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
SEEN_FORMATS = frozenset(  # signs under or around numbers: category Cf, and seen
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
PASS_FOR_LETTERS = frozenset(  # of seen categories, and yet blank
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\ufffc\U0001d159"
)
EMOJI_SELECTORS = frozenset("\ufe0e\ufe0f")
SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
SYMBOLS = ("So", "Sm")


def is_readable(text: str) -> bool:
    """True if something of the text is seen, and nothing of it is not."""
    if text.isascii():
        return text.isprintable() and not text.isspace() and bool(text)
    visible = any(unicodedata.category(each)[0] in "LNPS" for each in text)
    begins_alone = unicodedata.category(text[0])[0] == "M"  # it would sit on what stands before
    return visible and not begins_alone and all(_is_seen(text, at) for at in range(len(text)))


def _is_seen(text: str, at: int) -> bool:
    character = text[at]
    if character in (NON_JOINER, JOINER):
        return _joins(text, at)
    if _is_variation_selector(character):
        return character in EMOJI_SELECTORS and at > 0 and _may_be_emoji(text[at - 1])
    if character in PASS_FOR_LETTERS:
        return False
    return character in SEEN_FORMATS or unicodedata.category(character) not in UNSEEN_CATEGORIES


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _may_be_emoji(character: str) -> bool:
    return character in "#*" or unicodedata.category(character) in (*SYMBOLS, "Po", "Nd")


def _joins(text: str, at: int) -> bool:
    before, after = text[:at], text[at + 1 :]
    if before and unicodedata.combining(before[-1]) == VIRAMA:
        return True
    if text[at] == NON_JOINER:
        return _is_cursive(_without_marks(before)[-1:]) and _is_cursive(
            _without_marks(after[::-1])[-1:]
        )
    stem = before.rstrip("".join(EMOJI_SELECTORS | SKIN_TONES))
    return _is_symbol(stem[-1:]) and _is_symbol(after[:1])


def _without_marks(text: str) -> str:
    """The text up to the last character that is no mark."""
    end = len(text)
    while end and unicodedata.category(text[end - 1])[0] == "M":
        end -= 1
    return text[:end]


def _is_cursive(letter: str) -> bool:
    return (
        bool(letter)
        and unicodedata.category(letter)[0] == "L"
        and unicodedata.name(letter, "").startswith(CURSIVE)
    )


def _is_symbol(character: str) -> bool:
    return bool(character) and unicodedata.category(character) in SYMBOLS
