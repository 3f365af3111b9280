"""The specifications, a folder for each."""
