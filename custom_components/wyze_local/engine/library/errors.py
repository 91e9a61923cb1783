"""What goes wrong with the clips' folder, in the words of `Trouble`."""

from ..model import EngineError, Trouble, trouble_of


class LibraryError(EngineError):
    """The folder of the clips could not be read or written; `reason` is one of `Trouble`."""

    reason: str = Trouble.DISK_ERROR

    @classmethod
    def of(cls, err: OSError) -> LibraryError:
        """Say an error of the system in our words; its text, which holds a path, is dropped."""
        return cls(reason=trouble_of(err))
