"""The conformance kit: our side of a run of the OpenID conformance suite."""
