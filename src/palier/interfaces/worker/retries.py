from procrastinate import RetryStrategy

PATIENT = RetryStrategy(max_attempts=12, exponential_wait=2)
"""2, 4, 8 … seconds, over two hours in all: a mail server or gateway that is down for a while loses nothing."""
