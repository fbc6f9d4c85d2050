"""The web pages: what people leave open. Everything they load comes from this server."""
