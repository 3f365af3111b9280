"""Django's backend for PostgreSQL, with a pool that asks nothing before the first statement."""
