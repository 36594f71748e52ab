"""The messages: one function each, from ids to a mail. None: there is nobody to tell any more."""
