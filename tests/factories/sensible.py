"""Inputs of mutations of which most are taken."""

from collections.abc import Mapping
from random import Random
from typing import Any

from tests.factories.questions import Questions


class Sensible:
    """Inputs of which most are taken."""

    def __init__(self, questions: Questions, dice: Random) -> None:
        self.known, self.dice = questions.known, dice

    def key(self) -> str:
        return f"key-{self.dice.getrandbits(64)}"

    def id(self, prefix: str) -> str:
        return self.dice.choice(self.known.ids[prefix])

    def all(self) -> Mapping[str, Any]:
        """Return an input for each of some mutations."""
        sku, two, order = {"id": self.id("sku")}, self.dice.choice((1, 2)), self.id("order")
        code = self.dice.choice(self.known.words["skuCode"])
        line = {
            "sku": code,
            "quantity": two,
            "unitPrice": {"amount": "9.99"},
            "discounts": [{"amount": {"amount": "1"}, "label": "x"}],
        }
        place = {"channelId": self.id("channel"), "lines": [line, {"kind": "FEE", "name": "Wrapping", "quantity": 1}]}
        here = {"sku": sku, "locationId": self.id("location")}
        back = {"lineId": self.id("line"), "quantity": 1, "reason": "UNWANTED"}
        given: dict[str, dict[str, Any]] = {
            "orderPlace": {**place, "contact": {"name": "Ada"}, "shippingAddress": {"city": "London", "country": "GB"}},
            "inventoryAdjust": {"changes": [{**here, "delta": self.dice.choice((3, 1, -1))}], "reason": "OTHER"},
            "reservationCreate": {"channelId": self.id("channel"), "lines": [{"sku": sku, "quantity": two}]},
            "transferCreate": {
                "originId": self.id("location"),
                "destinationId": self.id("location"),
                "lines": [{"sku": sku, "quantity": two}],
            },
            "orderCancel": {"orderId": order, "reason": "CUSTOMER"},
            "shipmentCreate": {"fulfillmentOrderId": self.id("fo"), "carrier": "Post"},
            "returnCreate": {"orderId": order, "lines": [back]},
            "paymentEventReport": {
                "orderId": order, "gateway": "till", "eventReference": self.key(), "type": "CAPTURED",
                "amount": {"amount": "5"},
            },
            "refundCreate": {"orderId": order, "amount": {"amount": "1"}, "reason": "OTHER"},
            "customerUpsert": {"externalRef": self.key(), "name": "Grace", "country": "GB"},
            "skuUpsert": {"code": self.key(), "name": "Thing", "weightG": 7, "cost": {"amount": "2.50", "currencyCode": "GBP"}},
        }  # fmt: skip
        return {name: {"idempotencyKey": self.key(), **input_} for name, input_ in given.items()}
