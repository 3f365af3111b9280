"""What happens, in which order: one file per URL. The doors here are the only renderers."""
