"""How one RFC is done: pure functions, no database, no settings, no clock of their own."""
