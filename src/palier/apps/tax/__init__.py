"""Who buys and which tax applies: addresses, VAT numbers, dated rates, and the rule for a sale."""
