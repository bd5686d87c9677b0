"""Certinia PSA and Accounting: managed packages on the Salesforce platform, read and written by its connector."""
