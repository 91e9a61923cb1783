"""What the system says about a folder of clips, in our words. Its own text holds paths, and is dropped."""

import errno

from .clip import Trouble

_TROUBLES = {
    Trouble.DISK_FULL: (errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
    Trouble.READ_ONLY: (errno.EROFS, errno.EACCES, errno.EPERM),
    Trouble.NO_FOLDER: (
        *(errno.ENOENT, errno.ENOTDIR, errno.ELOOP),
        *(errno.ENOTCONN, errno.ESTALE, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENODEV, errno.ESHUTDOWN),
    ),
}
_BY_NUMBER = {number: trouble for trouble, numbers in _TROUBLES.items() for number in numbers}


def trouble_of(err: OSError) -> Trouble:
    """Return what an error of the system means for clips."""
    return _BY_NUMBER.get(err.errno or 0, Trouble.DISK_ERROR)
