from tests.payment_fixtures import cast, sandbox, sandbox_process

__all__ = ["cast", "sandbox", "sandbox_process"]
