"""How things are kept: prepared statements, encryption at rest."""
