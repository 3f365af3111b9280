"""What may be used once, whoever presents it: below everything that authenticates."""
