"""The pure engine: values in, values out. No Django, clock, network, float or global state.

Money is a whole number of minor units with its currency, time an aware UTC instant, a share of a
period a pair of whole numbers. Every rule of a price lives here once; docs/algorithms/proration.md
tells the same in prose with worked tables that are run as tests.
"""
