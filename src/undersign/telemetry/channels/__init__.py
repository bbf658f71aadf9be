"""Channels: what people wrote during an incident, as evidence with addresses."""

from __future__ import annotations

from undersign.telemetry.channels.channel import Channel, ChannelTold
from undersign.telemetry.channels.read import CHANNELS, read_channel

__all__ = ["CHANNELS", "Channel", "ChannelTold", "read_channel"]
