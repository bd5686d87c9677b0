"""OData of both versions that are in use: the client's side, and the server's side that vendors' simulators share."""
