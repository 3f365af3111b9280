"""How a username is compared: typed at sign-in, counted, looked for."""

import unicodedata

from authserver.protocol.requirements import case


@case("LG-16")
def one_spelling(typed: str) -> str:
    """One spelling for each name, as the database compares them.

    Otherwise every letter that folds onto another one (a long s, a dotless i) would give an
    attacker five more guesses.
    """
    return unicodedata.normalize("NFKC", typed.strip()).upper().lower()
