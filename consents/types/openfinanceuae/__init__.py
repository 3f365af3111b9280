"""The consent types of Open Finance UAE; each version of a type is a type of its own."""
