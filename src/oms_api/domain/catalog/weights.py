"""What SKUs weigh, as far as that is known."""

from oms_api.db.sql import Sql

GRAMS = Sql("SELECT id, weight_g FROM sku WHERE id = ANY (:skus::uuid[]) AND weight_g IS NOT NULL")
