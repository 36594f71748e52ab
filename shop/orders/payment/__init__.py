"""An order’s payment: attempts, what the provider says of them, money that goes back."""
