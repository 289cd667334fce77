"""One module a revision, in order; none is changed once it was released."""
