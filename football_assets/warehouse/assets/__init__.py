"""Assets of the warehouse, and how a table becomes an asset."""
