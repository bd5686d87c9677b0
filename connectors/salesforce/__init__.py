"""Salesforce, and what runs on its platform: SOQL to read, upsert by external id to write."""
