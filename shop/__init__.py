"""Vitrine: shop software for one merchant and one Python person."""
