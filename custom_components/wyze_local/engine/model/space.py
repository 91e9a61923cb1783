"""How much of a file system clips leave free for everybody else."""

import os


def space_to_keep(total: int) -> int:
    """Return how many bytes of a file system of so many bytes stay free."""
    return max(500_000_000, min(total // 20, 5_000_000_000))


def space_missing(now: os.statvfs_result, keep_free: int | None, margin: float = 1.0) -> int:
    """Return how many bytes too few are free, negative when there are more than enough.

    `keep_free` are the bytes that have to be, None for the rule above; so many times them are asked for.
    0 where the file system does not say how large it is, as some network drives and those without a limit.
    """
    if not now.f_blocks:
        return 0
    wanted = space_to_keep(now.f_blocks * now.f_frsize) if keep_free is None else keep_free
    return int(wanted * margin) - now.f_bavail * now.f_frsize
