from tests.payment_fixtures import cast, cast_of_its_own, sandbox, sandbox_process, shared_cast

__all__ = ["cast", "cast_of_its_own", "sandbox", "sandbox_process", "shared_cast"]
