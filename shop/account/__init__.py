"""What customers keep with us: details, addresses, open sessions; and how they leave."""
