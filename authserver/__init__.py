"""The Django project and the protocol: endpoints, specs, profiles, and what they stand on."""
