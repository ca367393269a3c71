"""Ways in: translate, call one flow, translate back."""
