"""From a GraphQL document to one SQL statement that builds its JSON. Pure: nothing here reads or awaits.

``document.py`` decides what can be compiled and keeps the statements of one document, ``roots.py`` writes the fields of
the query type, ``record.py`` a golden record, ``pages.py`` connections, ``lineage.py`` where values come from; ``text.py``
puts JSON together from text. What is not compiled, and every answer that is an error, is Strawberry's.
"""
