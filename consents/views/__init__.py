"""The screens: two pages of the journey, and what a person finds under My consents."""
