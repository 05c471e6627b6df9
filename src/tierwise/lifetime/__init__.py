"""Lifetime value of the customers of an order table: from orders in an engine to a value per customer.

    orders → histories (SQL) → models fitted and judged (numerics) → values per customer (Parquet)

`tierwise.clv` knows the mathematics and no engine; this package asks an engine for sufficient statistics,
hands them over, and writes what comes back. `forecast.forecast` is the whole way.
"""
