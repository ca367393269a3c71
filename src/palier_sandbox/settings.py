"""What the service is told when it starts."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """``public_url`` is the origin that browsers see; an empty ``webhook_url`` sends no events."""

    data: Path
    public_url: str
    webhook_url: str
    secret_key: str
    webhook_secret: str
    merchant: str
    slow_seconds: float
