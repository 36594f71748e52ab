"""The desk of mails: what was sent, what waits, what did not leave."""
