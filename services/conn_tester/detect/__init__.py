"""Looks for the server at which a domain's users hand mail in: DNS, published files, probing."""
