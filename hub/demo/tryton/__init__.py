"""``make demo-tryton``: three databases of a real ERP, each in another role, kept in step and compared record by record."""
