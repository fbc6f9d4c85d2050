"""The platform's data in a notebook or a program: `Football` waits for each answer, `AsyncFootball` is awaited.

from football_assets.client import Football

with Football() as football:
football.matches(live=True).to_frame()
"""

from football_assets.client.answers import Answer, ApiError, Meta
from football_assets.client.asynchronous import AsyncFootball
from football_assets.client.following import Event
from football_assets.client.synchronous import Football

__all__ = ["Answer", "ApiError", "AsyncFootball", "Event", "Football", "Meta"]
