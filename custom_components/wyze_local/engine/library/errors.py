"""What goes wrong with the clips' folder, in the words of `Trouble`."""

import errno

from ..model import EngineError, Trouble

_REASONS = {
    errno.ENOENT: Trouble.NO_FOLDER,
    errno.ENOTDIR: Trouble.NO_FOLDER,
    errno.ELOOP: Trouble.NO_FOLDER,
    errno.ENOTCONN: Trouble.NO_FOLDER,
    errno.ESTALE: Trouble.NO_FOLDER,
    errno.EHOSTDOWN: Trouble.NO_FOLDER,
    errno.EROFS: Trouble.READ_ONLY,
    errno.EACCES: Trouble.READ_ONLY,
    errno.EPERM: Trouble.READ_ONLY,
    errno.ENOSPC: Trouble.DISK_FULL,
    errno.EDQUOT: Trouble.DISK_FULL,
}


class LibraryError(EngineError):
    """The folder of the clips could not be read or written; `reason` is one of `Trouble`."""

    reason: str = Trouble.DISK_ERROR

    @classmethod
    def of(cls, err: OSError) -> LibraryError:
        """Say an error of the system in our words; its text, which holds a path, is dropped."""
        return cls(reason=_REASONS.get(err.errno or 0, Trouble.DISK_ERROR))
