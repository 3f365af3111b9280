"""What the admins of all apps are made of."""
