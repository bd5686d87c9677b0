"""A small organisation that speaks the Dataverse Web API: proved by clients that others wrote."""
