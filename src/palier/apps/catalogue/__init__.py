"""What is sold: plans, prices, limits and rules, from ``catalogue.toml`` to immutable published versions."""

from palier.apps.catalogue.values import AddOn, Catalogue, Plan, Seller, Terms
from palier.apps.catalogue.versions import at, current

__all__ = ["AddOn", "Catalogue", "Plan", "Seller", "Terms", "at", "current"]
