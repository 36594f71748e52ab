"""Running the shop: is it well, what is wrong, copies and their return, what is kept how long."""
