"""What tests are written with.

``tpp``             a third party provider: a correct FAPI client that a test makes slightly wrong
``person``          a person with a browser: opens, signs in, chooses, approves; over HTTP
``world``           the ecosystems: two issuers side by side, each with clients, a person, a bank
``answers``         every answer, looked at: no number of ours is in it, and a clause is public
``assertions``      what a refusal has to look like, and what it must leave behind: nothing
``details``         valid authorization_details of every type, to be made slightly wrong
``dpop``            a DPoP prover (RFC 9449) that a test makes slightly wrong
``certificates``    a certificate authority: roots, issuing CAs, leaves that a test makes wrong
``ca``              a CA that publishes its revocation list
``combinations``    all values that a condition's columns can have, stored in turn
``forge``           tokens that no honest library makes, with a good signature
``signing``         signing whatever a test wants to have signed
``bank``            the bank's account source, as the server sees it over the wire
``clock``           a clock that a test moves, for the server and for the client alike
``live_server``     a running server of four processes on a database of its own
``chromium``        one Chromium for a whole run
``rows``            rows that most tests start from, stored by statements that are made once
``flushed``         what the database holds before any test
``empty_database``  one SQLite file with every table, to be copied
``rsa_keys``        RSA keys that are made once
``databases``       a PostgreSQL database made and dropped beside the run's own
``once``            what is dear to make, made once in a run of several processes
``quick_hasher``    the product's hashing with arithmetic that takes no time
``rates``           the rates of clients, with nothing of them used up
``authenticator_app``  an authenticator app (RFC 6238), apart from the server's own arithmetic
``allauth_insides`` what allauth does by itself, for tests of what it then means here
``guest``           a browser at the sign-in pages
``operator``        an operator at the site: opens a page, changes its form, presses a button
``fronts``          the server as it is deployed: with TLS of its own, or behind nginx
``hostile``         an HTTPS server that behaves as a test wants it to
``registration``    a client as every profile may register it, to be made slightly wrong
``sentences``       every sentence that people read, in code and templates
``psycopg_insides`` where psycopg takes the text of a statement apart
``purging``         purging as it would be done on another day
``our_apps``        the apps whose tables our migrations make
``schedule``        which tests one process of a run gets together, and which it begins with
"""
