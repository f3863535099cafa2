"""Make ministack use the layer's decisions, and check at start-up that it does."""

from localaws import iam as iam_layer
from localaws import paging
from localaws.authorize import Authorizer
from localaws.iam import Iam
from localaws.inside import MODULES, EvalContext, Incompatible, conditions_met, part, replace
from localaws.mfa import Mfa
from localaws.propagation import Propagation
from localaws.sts import Sts
from localaws.world import World

FAR_FUTURE = "2999-01-01T00:00:00Z"


def install(world: World, propagation: Propagation) -> None:
    """Put every hook in its place; `Incompatible` says which one ministack does not heed any more."""
    for name in ("iam", "sts", "evaluator"):
        replace(MODULES[name], "time", world.clock)
    replace(MODULES["iam"], "_role_xml", iam_layer.role_xml)
    mfa = Mfa(world)
    mfa.install()
    paging.install()
    Iam(world, propagation).install()
    Sts(world, propagation, mfa).install()
    Authorizer(world, propagation).install()
    _prove(world)


def _prove(world: World) -> None:
    """Ask ministack itself a question that only the layer answers this way."""
    asked = EvalContext(
        principal_arn="arn:aws:iam::111111111111:user/nobody",
        principal_type="User",
        principal_account="111111111111",
        action="iam:GetRole",
        resource_arn="*",
        region="us-east-1",
    )
    before, world.clock.offset = world.clock.offset, 40_000_000_000.0
    moved = conditions_met({"DateGreaterThan": {"aws:CurrentTime": FAR_FUTURE}}, asked)
    world.clock.offset = before
    if not moved or conditions_met({"DateGreaterThan": {"aws:CurrentTime": FAR_FUTURE}}, asked):
        raise Incompatible("localaws: ministack does not take the time from the layer's clock any more")
    if part(MODULES["evaluator"], "_principal_matches")(
        {"AWS": "arn:aws:iam::111111111111:user/*"}, asked.principal_arn
    ):
        raise Incompatible("localaws: ministack does not match principals by the layer's rule any more")
