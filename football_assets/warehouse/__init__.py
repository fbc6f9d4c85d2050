"""What readers see: the lake of files that assets write, and the database that publications fill."""
