"""Who is in an account: they sign up, are invited, get another role, leave, and may do what their role allows."""
