"""A board that the processes of one host share, where writers post what is about to change."""
