"""The chat of somebody else in place of ours: one module per provider, behind one contract (``contract.Provider``).

Values in, values out: a provider is made from settings, is told who reads, and answers with what its script must be
told and with what the page's policy must let through. No module here asks the database or the network.
"""
