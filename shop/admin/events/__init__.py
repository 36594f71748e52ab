"""What the payment provider said about an order, and handling it once more."""
