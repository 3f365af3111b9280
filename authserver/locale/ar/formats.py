"""Numbers as people in the Gulf read them beside Western digits: 8,214.60."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
