"""What operators do: the admin, registration, signing keys."""
