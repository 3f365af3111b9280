"""Who did what, when: append-only events, and refusals by clause. Nothing here is ever changed."""
