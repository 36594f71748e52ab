"""Coupons: what a code takes off, who may use it how often, and what became of each use."""
