"""The disposable rows that answer reads, and the operational rows beside them."""
