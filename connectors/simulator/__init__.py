"""A simulated firm's systems for tests and the demo: one server, three configurations (CRM, PSA, ERP).

They belong to the fictional consulting firm Northbeam Consulting and hold the same clients, people and projects under
different ids, spellings and shapes, behind different paging, authentication and errors, with faults on request.
"""
