"""Both providers on loopback: real aiohttp servers fed by recordings or by our own simulation."""
