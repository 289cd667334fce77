"""A layer in front of Flask that answers reads of settings as Flask would."""
