"""Oracle NetSuite: SuiteQL to read, the record API of SuiteTalk REST to write."""
