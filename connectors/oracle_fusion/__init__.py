"""Oracle Fusion Cloud ERP: its REST resources, the customer accounts that only SOAP knows, and time cards."""
