"""Ways to tell people: webhook, e-mail, Apprise, behind one guard of outgoing connections."""
