"""What a person meets: signing in, consenting, looking back."""
