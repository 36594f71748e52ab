"""What browsers see: the payment page, the desk for developers, the remote control for tests."""
