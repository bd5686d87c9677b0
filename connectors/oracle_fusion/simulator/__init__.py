"""A small pod that speaks Fusion's REST resources, its SOAP services of customer accounts and its jobs: proved by clients that others wrote."""
