"""A layer in front of Flask that answers reads of one setting with what Flask has answered."""
