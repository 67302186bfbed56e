"""`suture check`'s questions, one file a system. None of them changes anything."""
