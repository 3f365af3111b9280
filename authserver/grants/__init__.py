"""One file per grant type: from an authenticated client's form to the tokens it gets."""
