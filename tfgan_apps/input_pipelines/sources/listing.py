"""Listing the images of a folder, and what in it cannot be read as one."""

import dataclasses
import os
import re
import shlex
import stat
from collections import defaultdict

from tfgan_apps.input_pipelines.sources.headers import MAX_PIXELS

EXTENSIONS = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")
_OTHER_NAMES = {".apng": ".png", ".dib": ".bmp", ".jfif": ".jpg", ".jpe": ".jpg"}
_UNREAD = {  # and the format to convert them to
    **dict.fromkeys(
        ".arw .avif .cr2 .cr3 .dng .heic .heif .jxl .nef .orf .raf .rw2".split(), "jpg"
    ),
    **dict.fromkeys(".ico .j2k .jp2 .pbm .pcx .pgm .pnm .ppm .psd".split(), "png"),
    **dict.fromkeys(".raw .svg .tga .tif .tiff .xcf".split(), "png"),
}
MAX_BYTES = 8 * MAX_PIXELS  # a picture of the most pixels, as a PNG of 16 bits that saves nothing


@dataclasses.dataclass
class Listing:
    """What a folder holds.

    Args:
        paths: list of str, the images, in natural order (2.jpg before 10.jpg).
        problems: list of str, one for each file or folder that cannot be used, with the cure.
        left_out: list of str, the other files, no images by their extension, relative to the root.
        unread: dict, an extension of images that are not read -> list of str, those files.
    """

    paths: list = dataclasses.field(default_factory=list)
    problems: list = dataclasses.field(default_factory=list)
    left_out: list = dataclasses.field(default_factory=list)
    unread: dict = dataclasses.field(default_factory=lambda: defaultdict(list))


def list_images(folder, root):
    """Returns the `Listing` of a folder and its subfolders; nothing is opened.

    An extension of `EXTENSIONS` in any case makes an image. Links are followed, into each folder
    once. Hidden files and folders are left out.

    Args:
        folder: str, path.
        root: str, the folder that problems name files relative to.
    """
    listing, seen, folders, links = Listing(), {_identity(root): "."}, [folder], []
    while folders or links:
        # Links last, so that of a folder and a link to it the folder is listed.
        path = folders.pop() if folders else links.pop()
        name = printable(os.path.relpath(path, root))
        try:
            first = seen.setdefault(_identity(path), name)
            entries = list(os.scandir(path)) if first == name else []
        except OSError as error:
            problem = f"cannot be listed ({error.strerror}). Make it readable."
            listing.problems.append(f"{name}: {problem}")
            continue
        if first != name:
            listing.problems.append(f"{name}: is the folder {first} once more. Remove the link.")
        for entry in sorted(entries, key=lambda entry: entry.name):
            if not entry.name.startswith("."):
                _add(entry, root, listing, folders, links)
    listing.paths.sort(key=natural_order)
    listing.problems += [_conversion(folder, *found) for found in listing.unread.items()]
    listing.problems.sort(key=natural_order)
    listing.left_out.sort(key=natural_order)
    return listing


def natural_order(path):
    """Returns a key that sorts paths by the numbers in them, and by themselves."""
    # Every other part is of the digits 0 to 9; other digits of Unicode are text.
    parts = re.split("([0-9]+)", path)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], path


def printable(name):
    """Returns a file's name with what is not UTF-8, or cannot be printed, in escapes."""
    text = os.fsencode(name).decode(errors="backslashreplace")
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def _conversion(folder, extension, names):
    """Says how files of a format that is not read become some of one that is."""
    first = printable(min(names, key=natural_order))
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    mogrify = f"mogrify -format {_UNREAD[extension]} {{}} \\; -delete"
    command = f"find {shlex.quote(printable(folder))} -iname '*{extension}' -exec {mogrify}"
    kind = extension[1:].upper()
    return f"{first}{more}: {kind} is not read. Convert it, by ImageMagick in place: {command}"


def _identity(path):
    found = os.stat(path)
    return found.st_dev, found.st_ino


def _add(entry, root, listing, folders, links):
    """Adds what a folder holds to the listing, or to the folders that are still to be listed."""
    name = os.path.relpath(entry.path, root)
    extension = os.path.splitext(entry.name)[1].lower()
    try:
        found = entry.stat()
    except OSError as error:
        problem = f"cannot be read ({error.strerror}). Mend or remove the link."
    else:
        if stat.S_ISDIR(found.st_mode) and _is_utf8(entry.name):
            (links if entry.is_symlink() else folders).append(entry.path)
            return
        problem = _problem(found, entry.name, extension)
    if problem:
        listing.problems.append(f"{printable(name)}: {problem}")
    elif extension in _UNREAD:
        listing.unread[extension].append(name)
    elif extension in EXTENSIONS:
        listing.paths.append(entry.path)
    else:
        listing.left_out.append(name)


def _problem(found, name, extension):
    """Says why a file, or a folder, is not listed, or returns None."""
    if not _is_utf8(name):
        return "has a name that is not UTF-8. Rename it."
    if extension in _OTHER_NAMES:
        return f"has an extension that is not read. Rename it to {_OTHER_NAMES[extension]}."
    if not stat.S_ISREG(found.st_mode):
        return "is not a file but a pipe, socket or device. Remove it."
    if extension in EXTENSIONS and found.st_size > MAX_BYTES:
        return f"has {found.st_size} bytes, more than any image that is read. Remove it."
    return None


def _is_utf8(name):
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
