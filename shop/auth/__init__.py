"""Who somebody is: signing in and out, registering, passwords, proof of an address, staff."""
