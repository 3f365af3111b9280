"""Who may ask: participants, their software, its certificates and keys."""
