"""What the demo and the conformance kit share: a server and its neighbours on one machine.

``authorization_server``  what it is told, and how it is started
``addresses``             the host name and the ports of its two listeners
``secret_values``         its secrets
``preparation``           a program that makes it ready; ``up_to_date`` is what every such one does
``nginx``                 the deployment's nginx, with other ports and paths
``programs``              programs as processes: started, watched, stopped
``pki``                   a certificate authority; ``private_files`` keep keys and secrets
``client``                a registered client with its keys; ``issuer`` is who it is registered at
``introspection``         what a resource server asks an issuer, and the proofs that it has seen
``https_client``          requests over HTTPS that remember what was said; ``trust`` is their TLS
``https_server``          a small HTTPS server
``signing``               JSON Web Signatures, apart from the server's own
``terminal``              what a person at a terminal is told

It stands below both, and neither of the two knows the other.
"""
