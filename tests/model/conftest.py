from tests.payment_fixtures import cast, sandbox, sandbox_process, shared_cast

__all__ = ["cast", "sandbox", "sandbox_process", "shared_cast"]
