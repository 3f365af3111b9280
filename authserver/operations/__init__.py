"""What the admin pages of all rooms share: the site, its start page, verbs, fields, export."""
