from platforms.models.channel import Channel, ChannelKind, FormPart, every_part
from platforms.models.clause import PolicyClause
from platforms.models.commitment import ALWAYS, Commitment, binding
from platforms.models.contact import Contact
from platforms.models.platform import ZONES, Language, OfPlatform, Platform, Severity

__all__ = [
    "ALWAYS",
    "ZONES",
    "Channel",
    "ChannelKind",
    "Commitment",
    "Contact",
    "FormPart",
    "Language",
    "OfPlatform",
    "Platform",
    "PolicyClause",
    "Severity",
    "binding",
    "every_part",
]
