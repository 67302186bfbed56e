"""One executor per kind of act: how it is rehearsed, done, followed and undone."""
