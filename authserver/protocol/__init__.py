"""The core of the protocol: it knows no Django, no database, and no clock of its own."""
