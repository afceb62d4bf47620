"""`rheobase theory`: how variance and gradients travel through depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rheobase.cli._output import print_heading, print_json, print_table

if TYPE_CHECKING:
    from rheobase.meanfield import Theory

ROUNDING = 1e-15
"""What the table shows as 0; --json has every digit."""


def theory(
    spec: Annotated[str, typer.Argument(help='An id or alias, with values (elu:alpha=2), or a formula ("x*tanh(x)").')],
    sigma_b: Annotated[
        str, typer.Option(metavar="LIST", help="Standard deviations of the biases, such as 0,0.05,0.3.")
    ] = "0,0.05,0.3",
    certified: Annotated[bool, typer.Option(help="Also moments and edges as certified enclosures.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one object.")] = False,
) -> None:
    """Tell what depth does to signals, and how to start there.

    For a wide random network: what a standard normal input becomes, which gain keeps variance or gradient, for which
    weights gradients keep their size (χ₁ = 1) with the stability of the variance there (χ_q < 1), how to start a deep
    plain network, and what of it is dead at birth. `rheobase plot SPEC --theory` draws it.
    """
    from rheobase.errors import RheobaseError
    from rheobase.meanfield import certified_edges, certified_moments, theory
    from rheobase.meanfield.criticality import KINDS

    try:
        biases = [float(part) for part in sigma_b.split(",")]
    except ValueError:
        raise RheobaseError(f"{sigma_b!r} is no list of numbers", instead="--sigma-b 0,0.05,0.3") from None
    found = theory(spec, biases)
    enclosures = certified_moments(spec) if certified else {}
    proven = certified_edges(spec, biases) if certified else []
    if as_json:
        extra = {"certified": enclosures | {"edge_of_chaos": proven}} if certified else {}
        print_json(found.to_dict() | extra)
        return
    print_heading(found.activation)
    moments = [[name, f"{value if abs(value) > ROUNDING else 0:.12g}"] for name, value in found.moments.items()]
    print_table(["moment", "z ~ N(0, 1)"], moments)
    for name, (low, high) in enclosures.items():
        print(f"certified   {name} in {_ends((low, high))}")
    print(f"gain        forward {found.gain['forward']:.6g} (keeps variance), backward {found.gain['backward']:.6g}")
    print(f"edge        {found.edge_reason}")
    _edges(found)
    for edge in proven:
        print(f"certified   sigma_b {edge['sigma_b']}: q in {_ends(edge['q'])}, sigma_w in {_ends(edge['sigma_w'])}")
    print(f"class       {found.criticality.kind}: {KINDS[found.criticality.kind]}")
    _init(found)
    _dying(found)


def _ends(ends: Any) -> str:
    return f"[{ends[0]!s}, {ends[1]!s}]"


def _edges(found: Theory) -> None:
    rows = [
        [
            f"{e.sigma_b:g}",
            f"{e.sigma_w:.8g}",
            f"{e.q:.6g}",
            f"{e.chi_q:.6g}",
            f"{e.xi_q:.4g}",
            "yes" if e.stable else "no",
        ]
        for e in found.edge_of_chaos
    ]
    if rows:
        print_table(["sigma_b", "sigma_w", "q", "chi_q", "xi_q", "stable"], rows)


def _init(found: Theory) -> None:
    init = found.init()
    if init.kind == "none":
        print(
            f"init        none: {init.reason if init.reason != found.edge_reason else 'no gradient would get through'}"
        )
        return
    print(f"init        {init.reason}; W ~ gain²/fan_in, f(x + input_shift) − output_shift")
    parts = {"gain": init.gain, "sigma_b": init.sigma_b, "input_shift": init.input_shift}
    parts |= {"output_shift": init.output_shift, "start": init.start}
    print("            " + ", ".join(f"{name} {value:.8g}" for name, value in parts.items()))


def _dying(found: Theory) -> None:
    dying = found.to_dict()["dying"]
    if not dying["inactive"]:
        print(
            "dying       no unit has slope 0" if not dying["flat"] else "dying       too little of f is flat to matter"
        )
        return
    print(f"dying       {100 * dying['inactive']:.4g} % of units have slope 0 for one input")
    networks = [f"{n['width']} × {n['depth']}: {n['dead']:.2g}" for n in dying["networks"]]
    print(f"            a whole network, width × depth, is dead for one input: {', '.join(networks)}")
