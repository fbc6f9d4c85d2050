"""What the platform serves: REST, the stream and the pages, all from the published tables.

Nothing here calls a provider or imports an asset.
"""
