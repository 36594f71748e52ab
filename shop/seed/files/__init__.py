"""Files of products: the shop's own JSON format and that of the Makeup API. Pure."""
