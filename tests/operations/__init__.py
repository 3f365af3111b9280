"""How it runs: fronts, starts, faults, races, programs beside the server."""
