"""Where other machines knock: gateways' webhooks and the health check."""
