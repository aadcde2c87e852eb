"""The variables of conditions: declared once, for the messages that they read, for `ruleVariables` and for the guide. Pure."""

from collections.abc import Iterator
from enum import StrEnum

from oms_api.kernel.dataclass import dataclass


class VariableType(StrEnum):
    """The type of a variable in conditions."""

    TEXT = "TEXT"
    """A text, compared with other texts such as "GB". It is empty ("") where the value is not known."""
    NUMBER = "NUMBER"
    """A number with a decimal point, compared with numbers that have a decimal point: 100.0 and not 100."""
    INTEGER = "INTEGER"
    """A whole number, compared with whole numbers: 100."""
    BOOLEAN = "BOOLEAN"
    """Either true or false."""
    TIMESTAMP = "TIMESTAMP"
    """A moment, compared with timestamp("2026-11-29T12:00:00Z")."""
    TEXTS = "TEXTS"
    """A list of texts, tested with `in`: "gift" in order.tags."""
    ATTRIBUTES = "ATTRIBUTES"
    """The values of attributes by code. Every defined attribute is present. Without a value, a text is empty, a number is 0 and
    a boolean is false. Days are texts such as "2026-11-29"."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: its `name` behind that of what it belongs to, and a condition as an `example`."""

    of: str
    name: str
    type: VariableType
    description: str
    example: str

    @property
    def path(self) -> str:
        """The name as conditions write it; of a line as in `lines.exists(line, line.sku == "CUP")`."""
        return f"{self.of}.{self.name}"


T = VariableType
ORDER, LINE, CUSTOMER, CHANNEL = "order", "line", "customer", "channel"
DECLARED: dict[str, tuple[tuple[str, VariableType, str, str], ...]] = {
    ORDER: (
        ("currency", T.TEXT, "The currency of all its amounts.", 'order.currency == "GBP"'),
        ("total", T.NUMBER, "Its total.", "order.total > 500.0"),
        ("subtotal", T.NUMBER, "The price of its lines before discounts.", "order.subtotal >= 50.0"),
        ("discount", T.NUMBER, "All its discounts.", "order.discount > order.subtotal / 2.0"),
        ("shipping", T.NUMBER, "Its shipping charges.", "order.shipping == 0.0"),
        ("shippingCode", T.TEXT, "The code of its first shipping charge.", 'order.shippingCode == "EXPRESS"'),
        ("country", T.TEXT, "The country it goes to, as ISO 3166-1 alpha-2.", 'order.country in ["GB", "IE"]'),
        ("region", T.TEXT, "The state, county or province it goes to.", 'order.region == "CA"'),
        ("city", T.TEXT, "The city it goes to.", 'order.city == "London"'),
        ("postalCode", T.TEXT, "The postal code it goes to.", 'order.postalCode.startsWith("BT")'),
        ("email", T.TEXT, "The contact's email address.", 'order.email == ""'),
        ("emailDomain", T.TEXT, "What stands behind the @ of that, in small letters.", 'order.emailDomain == "mailinator.com"'),
        ("phone", T.TEXT, "The contact's phone number.", 'order.phone == ""'),
        ("note", T.TEXT, "Its note.", 'order.note.contains("gift")'),
        ("tags", T.TEXTS, "Its tags, as they were given.", '"wholesale" in order.tags'),
        ("priority", T.INTEGER, "Its priority, as it was given.", "order.priority > 0"),
        ("externalRef", T.TEXT, "Its external reference.", 'order.externalRef.startsWith("TEST")'),
        ("onAccount", T.BOOLEAN, "Whether it is paid later.", "order.onAccount"),
        ("lineCount", T.INTEGER, "How many lines it has; a bundle is one.", "order.lineCount > 20"),
        ("units", T.INTEGER, "Units on its lines; a bundle counts as one.", "order.units > 100"),
        (
            "weightKg",
            T.NUMBER,
            "Kilograms of its goods, as far as their SKUs have a weight.",
            "order.weightKg > 30.0",
        ),
        (
            "addressQuality",
            T.TEXT,
            "What is known of where its goods go: OK, DOUBTFUL or MISSING, as the address check has it.",
            'order.addressQuality != "OK"',
        ),
        (
            "sameAddressOrders24h",
            T.INTEGER,
            "Other orders of the channel to the same address in the 24 hours before. Case and blanks make no difference.",
            "order.sameAddressOrders24h >= 3",
        ),
        (
            "billingDiffers",
            T.BOOLEAN,
            "Whether there is a billing address in another country or with another postal code than the shipping address.",
            "order.billingDiffers",
        ),
        ("placedAt", T.TIMESTAMP, "When it was placed.", 'order.placedAt < timestamp("2026-12-01T00:00:00Z")'),
        ("hour", T.INTEGER, "The hour of that in the channel's time zone, 0 to 23.", "order.hour < 6"),
        ("weekday", T.INTEGER, "The day of that in the channel's time zone: 1 is Monday, 7 is Sunday.", "order.weekday >= 6"),
        ("attributes", T.ATTRIBUTES, "Its attributes.", "has(order.attributes.gift) && order.attributes.gift == true"),
    ),
    LINE: (
        ("sku", T.TEXT, "The code of its SKU.", 'lines.exists(line, line.sku == "CUP")'),
        ("name", T.TEXT, "Its name.", 'lines.exists(line, line.name.contains("sample"))'),
        ("kind", T.TEXT, "Its kind, such as GOODS or FEE.", 'lines.exists(line, line.kind == "GIFT_CARD")'),
        ("quantity", T.INTEGER, "Units ordered.", "lines.exists(line, line.quantity >= 100)"),
        ("unitPrice", T.NUMBER, "The price of one unit.", "lines.exists(line, line.unitPrice == 0.0)"),
        ("total", T.NUMBER, "What it costs less its own discounts.", "lines.exists(line, line.total > 1000.0)"),
        ("discount", T.NUMBER, "Its own discounts.", "lines.all(line, line.discount == 0.0)"),
        (
            "attributes",
            T.ATTRIBUTES,
            "Its attributes.",
            'lines.exists(line, has(line.attributes.engraving) && line.attributes.engraving != "")',
        ),
    ),
    CUSTOMER: (
        ("known", T.BOOLEAN, "Whether the order names a customer; without one all else is 0.", "!customer.known"),
        ("orders", T.INTEGER, "Orders that the customer placed before, canceled ones too.", "customer.orders == 0"),
        ("returns", T.INTEGER, "Returns that the customer announced before.", "customer.returns > 3"),
        ("spent", T.NUMBER, "The totals of the orders before in this currency.", "customer.spent > 10000.0"),
        (
            "daysSinceFirstOrder",
            T.INTEGER,
            "Whole days since the first order of the customer.",
            "customer.daysSinceFirstOrder < 30",
        ),
        (
            "attributes",
            T.ATTRIBUTES,
            "The customer's attributes.",
            'has(customer.attributes.tier) && customer.attributes.tier == "gold"',
        ),
    ),
    CHANNEL: (
        ("code", T.TEXT, "The code of the channel.", 'channel.code == "web"'),
        ("currency", T.TEXT, "The currency of the channel.", 'channel.currency == "GBP"'),
    ),
}
VARIABLES = tuple(Variable(of, *declared) for of, all_of in DECLARED.items() for declared in all_of)
NEEDS = frozenset(
    {
        "addressQuality",
        "sameAddressOrders24h",
        "attributes",
        "orders",
        "returns",
        "spent",
        "daysSinceFirstOrder",
        "lines",
        "weightKg",
    }
)
"""What is read or worked out only where a condition mentions it."""


def mentioned(conditions: Iterator[str]) -> frozenset[str]:
    """Return what of NEEDS any of *conditions* mentions."""
    texts = list(conditions)
    return frozenset(need for need in NEEDS if any(need in text for text in texts))
