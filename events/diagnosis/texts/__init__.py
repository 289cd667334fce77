"""The sentences themselves, one package a language.

`{name}` is replaced by a fact, `[[…]]` stands only where every fact in it is known.
"""
