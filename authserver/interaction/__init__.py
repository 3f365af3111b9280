"""The person's way through a request: one owner for what is missing, and for how it is provided.

``interaction``  one person's way through one request, found for the browser that began it
``missing``      what it still lacks, in which order; knows no browser and no page
``rules``        when two factors are enough, and whether accounts are to be chosen
``browser``      the delivery by redirects: which page provides what, and the way there
``screens``      the door of the pages, for whoever draws one
``completion``   what comes of it: the consent that it ends with
``context``      what every template may know of it

Another delivery (a person asked on another device) is another module beside ``browser``.
"""
