"""The pages before the payment, and the page one returns to."""
