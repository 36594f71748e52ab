"""The domain: one module per aggregate. Importing this package knows every table."""

from shop.models.bank_transfer import (
    BankTransfer,
    TransferBack,
    TransferBackState,
    TransferState,
)
from shop.models.cart import Cart, CartItem
from shop.models.catalog import (
    Brand,
    Category,
    Product,
    ProductImage,
    ProductOption,
    ProductVariant,
    StockPolicy,
    TaxClass,
)
from shop.models.catalog_history import PriceChange, SlugHistory
from shop.models.contact import ContactMessage
from shop.models.coupon import (
    Coupon,
    CouponCategory,
    CouponKind,
    CouponProduct,
    CouponRedemption,
    RedemptionState,
)
from shop.models.customer import Customer, CustomerNote, CustomerSum
from shop.models.delivery import Carrier, DeliveryMethod, Shipment, ShipmentItem, TaxRate
from shop.models.job import Job, JobState, MailMessage, MailState
from shop.models.logo import Logo, LogoTheme
from shop.models.luck import LuckEvent, LuckKind, LuckySlot, SlotState
from shop.models.mail_text import MailText
from shop.models.order import (
    Attention,
    FulfilmentStatus,
    Order,
    PaymentStatus,
    TaxMode,
)
from shop.models.order_history import OrderEvent, OrderNote
from shop.models.order_item import OrderItem
from shop.models.page import OrderText, Page, PageRole, PageSection, PageSlug, PageVersion
from shop.models.payment import (
    AttemptState,
    CheckoutAttempt,
    Payment,
    PaymentState,
    Provider,
    ProviderState,
    Refund,
    RefundItem,
    RefundState,
    WebhookEvent,
)
from shop.models.sales import Dimension, SalesSum
from shop.models.saved_view import SavedView
from shop.models.shop import AuditEntry, FacetIndex, NumberSeries, Setting, ShopState
from shop.models.stock import (
    CountState,
    HoldState,
    LowStockNotice,
    MovementKind,
    StockCount,
    StockCountLine,
    StockHold,
    StockMovement,
)
from shop.models.user import (
    Address,
    LoginAttempt,
    RecoveryCode,
    Role,
    SecondFactor,
    StaffInvitation,
    User,
    UserSession,
)
from shop.models.visit import Visit, VisitSalt, VisitStage, VisitSum

__all__ = [
    "Address",
    "AttemptState",
    "Attention",
    "AuditEntry",
    "BankTransfer",
    "Brand",
    "Carrier",
    "Cart",
    "CartItem",
    "Category",
    "CheckoutAttempt",
    "ContactMessage",
    "CountState",
    "Coupon",
    "CouponCategory",
    "CouponKind",
    "CouponProduct",
    "CouponRedemption",
    "Customer",
    "CustomerNote",
    "CustomerSum",
    "DeliveryMethod",
    "Dimension",
    "FacetIndex",
    "FulfilmentStatus",
    "HoldState",
    "Job",
    "JobState",
    "LoginAttempt",
    "Logo",
    "LogoTheme",
    "LowStockNotice",
    "LuckEvent",
    "LuckKind",
    "LuckySlot",
    "MailMessage",
    "MailState",
    "MailText",
    "MovementKind",
    "NumberSeries",
    "Order",
    "OrderEvent",
    "OrderItem",
    "OrderNote",
    "OrderText",
    "Page",
    "PageRole",
    "PageSection",
    "PageSlug",
    "PageVersion",
    "Payment",
    "PaymentState",
    "PaymentStatus",
    "PriceChange",
    "Product",
    "ProductImage",
    "ProductOption",
    "ProductVariant",
    "Provider",
    "ProviderState",
    "RecoveryCode",
    "RedemptionState",
    "Refund",
    "RefundItem",
    "RefundState",
    "Role",
    "SalesSum",
    "SavedView",
    "SecondFactor",
    "Setting",
    "Shipment",
    "ShipmentItem",
    "ShopState",
    "SlotState",
    "SlugHistory",
    "StaffInvitation",
    "StockCount",
    "StockCountLine",
    "StockHold",
    "StockMovement",
    "StockPolicy",
    "TaxClass",
    "TaxMode",
    "TaxRate",
    "TransferBack",
    "TransferBackState",
    "TransferState",
    "User",
    "UserSession",
    "Visit",
    "VisitSalt",
    "VisitStage",
    "VisitSum",
    "WebhookEvent",
]
