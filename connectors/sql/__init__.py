"""Databases as sources: any that SQLAlchemy can reach."""
