"""What the person agreed to: consents and their life, and the screens that ask for them."""
