"""The library: which clips lie on the disk, what is known of each, and how long they stay.

    library = Library(root)
    library.scan()                                  # one pass over the folders; again when they come back
    folder = library.camera_folder(key, name)       # where the worker writes; made when it is not there
    library.added(key, clip_id)                     # the worker finished one
    library.note(key, clip_id, origin="both", kinds=("motion", "person"))
    library.names(key)                              # newest first, from memory
    library.clips(key, since, until)                # with all that is told of each, read once
    library.known(key, since, until)                # the same from memory, and whether all was read
    library.path(key, clip_id)                      # where it plays from; None when it is gone
    open_clip(root, key, clip_id)                   # to serve it, also while the worker still writes it
    library.delete(key, clip_id); library.pin(key, clip_id, True)
    library.keep(days=14, gigabytes=10)             # lets the oldest go

What is not said to come from memory blocks on the disk, which may be a NAS: call it in an executor, with a
time limit. It may be called from several threads; a look through all folders keeps none of them waiting.
Files in the folders that are not named by our rules are never touched, nor is anything behind a symbolic
link; a library that cannot be reached raises `LibraryError`, whose `reason` is one of `Trouble`.
"""

from .errors import LibraryError
from .folders import belongs_to, folder_name, is_folder
from .index import Clip, Entry
from .library import Library
from .opening import OpenFile, open_below, open_clip, open_still
from .retention import Kept

__all__ = [
    "Clip",
    "Entry",
    "Kept",
    "Library",
    "LibraryError",
    "OpenFile",
    "belongs_to",
    "folder_name",
    "is_folder",
    "open_below",
    "open_clip",
    "open_still",
]
