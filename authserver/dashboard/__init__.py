"""The operators' site and its start page: they stand on everybody's admin."""
