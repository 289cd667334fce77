"""The language that both services share: facts, their envelope, the store and the bus."""
