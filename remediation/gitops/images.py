"""An image's name, tag and digest."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Image:
    """`name:tag@digest`; tag and digest are empty where it has none."""

    name: str
    tag: str
    digest: str

    @classmethod
    def of(cls, text: str) -> "Image":
        """Read it; a colon before the last slash is a port."""
        rest, _, digest = text.partition("@")
        folder, slash, last = rest.rpartition("/")
        name, _, tag = last.partition(":")
        return cls(folder + slash + name, tag, digest)
