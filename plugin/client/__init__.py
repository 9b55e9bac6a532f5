"""The client of the backend, for plugins: the Python standard library, and nothing else."""

from .client import Client, Result
from .errors import (
    BadAnswer,
    BadContainer,
    BadFile,
    Cancelled,
    ClientError,
    JobCancelled,
    JobFailed,
    NotInstalled,
    Outdated,
    Refused,
    StartFailed,
    Unreachable,
    VersionMismatch,
)
from .following import Following
from .models import Changes, Health, JobView, ResultInfo, TextureView
from .pictures import Mask, Picture
from .requests import (
    Expand,
    Fill,
    Format,
    Generate,
    Harmonize,
    Learn,
    Paint,
    Place,
    Request,
    Style,
    Tile,
)
from .runner import Runner
from .version import PROTOCOL, VERSION

__all__ = [
    "PROTOCOL",
    "VERSION",
    "BadAnswer",
    "BadContainer",
    "BadFile",
    "Cancelled",
    "Changes",
    "Client",
    "ClientError",
    "Expand",
    "Fill",
    "Following",
    "Format",
    "Generate",
    "Harmonize",
    "Health",
    "JobCancelled",
    "JobFailed",
    "JobView",
    "Learn",
    "Mask",
    "NotInstalled",
    "Outdated",
    "Paint",
    "Picture",
    "Place",
    "Refused",
    "Request",
    "Result",
    "ResultInfo",
    "Runner",
    "StartFailed",
    "Style",
    "TextureView",
    "Tile",
    "Unreachable",
    "VersionMismatch",
]
