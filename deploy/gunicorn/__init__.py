"""What the two configurations of gunicorn beside this folder are made of.

``common``        what both of them set
``own_answers``   what gunicorn answers where a request never reaches the application
``embedded_tls``  the two listeners where TLS ends in gunicorn
"""
