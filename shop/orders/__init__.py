"""A sale's life: placed, paid, sent, delivered; or expired, canceled, refunded."""
