from undersign.errors import BadInput as BadInput
from undersign.errors import DrafterFailed as DrafterFailed
from undersign.errors import NoWorkspace as NoWorkspace
from undersign.errors import PolicyRefused as PolicyRefused
from undersign.errors import QueryRefused as QueryRefused
from undersign.errors import StorageError as StorageError
from undersign.errors import UndersignError as UndersignError
from undersign.errors import UsageError as UsageError
from undersign.faces.library.findings import Findings as Findings
from undersign.faces.library.opened import Workspace as Workspace
from undersign.faces.library.opened import open as open
from undersign.faces.library.result import Result as Result

__all__ = [
    "BadInput",
    "DrafterFailed",
    "Findings",
    "NoWorkspace",
    "PolicyRefused",
    "QueryRefused",
    "Result",
    "StorageError",
    "UndersignError",
    "UsageError",
    "Workspace",
    "__version__",
    "open",
]

__version__: str
