"""SAP S/4HANA Cloud."""
