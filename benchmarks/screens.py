"""The screens that people look at all day, as documents: benchmarks time them, a test counts their statements."""

MONEY = "{ amount currencyCode }"

DETAIL = f"""
query Detail($by: OrderByInput!) {{
  order(by: $by) {{
    id number externalRef status fulfillmentStatus paymentStatus returnStatus onHold placedAt completedAt priority tags note
    goods {MONEY} discount {MONEY} shipping {MONEY} tax {MONEY} total {MONEY} outstanding {MONEY} refundable {MONEY}
    customer {{ id externalRef name email }}
    contact {{ name email phone }}
    lines(first: 50) {{
      nodes {{
        id position kind skuCode name ordered canceled allocated inFulfillment shipped delivered
        unitPrice {MONEY} total {MONEY} sku {{ id code name weightG }}
      }}
    }}
    payments {{ id gateway reference authorized {MONEY} captured {MONEY} refunded {MONEY} }}
    refunds {{ id status reason amount {MONEY} grantedAt }}
    fulfillmentOrders {{ id status createdAt closedAt }}
    shipments {{
      id status shippedAt deliveredAt
      packages {{ id status carrier trackingNumber trackingUrl }}
      lines(first: 50) {{ nodes {{ id quantity line {{ id skuCode }} }} }}
    }}
    availableActions {{ action allowed blockedBy {{ code }} }}
  }}
}}
"""
"""One order, with all that happened to it and all that may be done."""

LIST = f"""
query List($first: Int!) {{
  orders(first: $first) {{
    nodes {{
      id number externalRef status fulfillmentStatus paymentStatus returnStatus placedAt total {MONEY}
      customer {{ id externalRef name }}
      lines(first: 10) {{ nodes {{ id skuCode name ordered shipped unitPrice {MONEY} sku {{ id code name }} }} }}
      shipments {{ id status shippedAt packages {{ id carrier trackingNumber }} }}
    }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
"""The newest orders, with lines, SKUs, customers and packages."""

STOCK = """
query Stock($code: String!) {
  sku(by: {code: $code}) {
    id code name status weightG components { quantity sku { code } }
    inventory { onHand available committed reserved damaged qualityControl safetyStock incoming inTransit backordered }
    inventoryLevels(first: 20) {
      nodes {
        id onHand available committed reserved incoming inTransit backordered location { id code name }
        lots(first: 5) { nodes { code onHand expired } }
        movements(first: 5) { nodes { sequence kind quantity actor occurredAt } }
      }
    }
  }
}
"""
"""How much of one product there is, where, and what moved last."""

RETURNS = f"""
query Returns($first: Int!) {{
  returns(first: $first) {{
    nodes {{
      id number status note createdAt receivedAt
      order {{ id number customer {{ id name }} }}
      lines(first: 10) {{ nodes {{ id reason quantity received expected line {{ id skuCode name sku {{ id code }} }} }} }}
      receipts {{ id }}
      refunds {{ id status amount {MONEY} }}
      availableActions {{ action allowed blockedBy {{ code }} }}
    }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
"""The newest returns, with what comes back, what came and what was paid back."""
