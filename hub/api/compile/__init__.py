"""From a GraphQL document to one SQL statement that builds its JSON. Pure: nothing here reads or awaits.

README.md says what each module writes and how to add to it. :mod:`hub.api.compiled` keeps the statements and sends them;
what is not compiled, and every answer that is an error, is Strawberry's.
"""
