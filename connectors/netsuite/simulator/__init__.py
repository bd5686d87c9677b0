"""A small NetSuite account that speaks SuiteQL and the record API: proved by clients that others wrote."""
