"""What things cost: pure functions, run in the cart and when an order is placed, nowhere else."""

from shop.pricing.allocate import allocate
from shop.pricing.price import Discount, PricedLine, PriceLine, TaxRules, Totals, price

__all__ = ["Discount", "PriceLine", "PricedLine", "TaxRules", "Totals", "allocate", "price"]
