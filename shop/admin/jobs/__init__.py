"""The desk of mails and jobs that did not work."""
