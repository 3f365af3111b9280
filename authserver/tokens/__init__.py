"""What we hand out and take back: every handle changes hands through a named operation."""
