"""A setting in the words of what sends mail by it: one module a target, no secret in any of them.

Everything that an administrator wrote is hostile input for a target's syntax. What a target cannot
express is said in a comment of that syntax, and left out of JSON, which has none.
"""
