"""One file a command; `bot/__main__.py` lists them."""
