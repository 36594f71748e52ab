"""Everything that changes the catalogue. One use case, one transaction."""

from shop.catalog.services.collections import (
    MOST_CHOSEN,
    choose_products,
    create_collection,
    list_collection_pieces,
    update_collection,
)
from shop.catalog.services.copies import copy_product
from shop.catalog.services.counts import store_facets
from shop.catalog.services.leading import arrange_leading, list_leading
from shop.catalog.services.listings import (
    enqueue_provider_sync,
    load_product,
    publish_changes,
    refresh_listings,
)
from shop.catalog.services.pictures import (
    LONGEST_ALT,
    add_picture,
    assign_picture,
    describe_picture,
    order_pictures,
    remove_picture,
)
from shop.catalog.services.previews import (
    PREVIEW_LIFETIME,
    make_preview,
    revoke_preview,
)
from shop.catalog.services.products import (
    STEP,
    activate_product,
    archive_product,
    create_product,
    deactivate_product,
    update_product,
)
from shop.catalog.services.sections import (
    LONGEST_DESCRIPTION,
    create_brand,
    create_category,
    delete_section,
    lock_section,
    place_section,
    update_brand,
    update_category,
)
from shop.catalog.services.variants import (
    add_missing_variants,
    add_variant,
    archive_variant,
    list_options,
    list_variants,
    options_version,
    set_options,
    update_variant,
    update_variants,
)

__all__ = [
    "LONGEST_ALT",
    "LONGEST_DESCRIPTION",
    "MOST_CHOSEN",
    "PREVIEW_LIFETIME",
    "STEP",
    "activate_product",
    "add_missing_variants",
    "add_picture",
    "add_variant",
    "archive_product",
    "archive_variant",
    "arrange_leading",
    "assign_picture",
    "choose_products",
    "copy_product",
    "create_brand",
    "create_category",
    "create_collection",
    "create_product",
    "deactivate_product",
    "delete_section",
    "describe_picture",
    "enqueue_provider_sync",
    "list_collection_pieces",
    "list_leading",
    "list_options",
    "list_variants",
    "load_product",
    "lock_section",
    "make_preview",
    "options_version",
    "order_pictures",
    "place_section",
    "publish_changes",
    "refresh_listings",
    "remove_picture",
    "revoke_preview",
    "set_options",
    "store_facets",
    "update_brand",
    "update_category",
    "update_collection",
    "update_product",
    "update_variant",
    "update_variants",
]
