"""ConnectWise PSA (Manage): conditions to read, JSON Patch to write, callbacks signed with a key the vendor hands out."""
