"""The person's way through a request: what is missing, and how it is provided."""
