"""The edge: what was sent, by whom, and what every answer carries."""
