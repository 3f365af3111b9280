"""Technical names to sentences, in the person's language."""

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from consents.types.description import Group, Permission

Sentences = Mapping[str, Mapping[str, str]]  # group title -> technical name -> sentence


def groups_of(names: Collection[str], sentences: Sentences) -> tuple[Group, ...]:
    """Those of the sentences that are asked for, in the order of the table, empty groups left out.

    A name without a sentence is shown as it is: nothing that is approved is hidden.
    """
    known = {name for group in sentences.values() for name in group}
    rows = {title: [name for name in group if name in names] for title, group in sentences.items()}
    groups = [
        Group(
            title=_(title),
            permissions=tuple(
                Permission(sentence=_(sentences[title][name]), technical=name) for name in asked
            ),
        )
        for title, asked in rows.items()
        if asked
    ]
    unknown = [name for name in names if name not in known]
    if unknown:
        others = tuple(Permission(sentence=name, technical=name) for name in unknown)
        groups.append(Group(title=_("Also"), permissions=others))
    return tuple(groups)


def all_in_words(names: Collection[str], words: Mapping[str, str]) -> str:
    """A list of translated words; a name without one stays as it is."""
    return _(", ").join(_(words[name]) if name in words else name for name in names)
