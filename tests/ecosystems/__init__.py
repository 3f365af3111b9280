"""The ecosystems and their profiles."""
