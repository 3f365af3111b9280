"""What keeps a run from having a result."""


class Refused(Exception):
    """One sentence for whoever started the run: no figure of it would mean anything."""
