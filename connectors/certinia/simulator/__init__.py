"""A small org with Certinia's packages: the simulated Salesforce, its objects, its triggers, its sums."""
