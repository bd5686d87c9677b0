"""A small S/4HANA Cloud tenant that speaks OData version 2: proved by clients that others wrote."""
