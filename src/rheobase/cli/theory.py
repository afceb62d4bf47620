"""`rheobase theory`: how variance and gradients travel through depth."""

from __future__ import annotations

from typing import Annotated

import typer

from rheobase.cli._output import print_heading, print_json, print_table


def theory(
    spec: Annotated[str, typer.Argument(help='An id or alias, with values (elu:alpha=2), or a formula ("x*tanh(x)").')],
    sigma_b: Annotated[
        str, typer.Option(metavar="LIST", help="Standard deviations of the biases, such as 0,0.05,0.3.")
    ] = "0,0.05,0.3",
    certified: Annotated[bool, typer.Option(help="Also the moments as certified enclosures.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one object.")] = False,
) -> None:
    """Moments, gains and the edge of chaos.

    For a wide random network: what a standard normal input becomes, which gain keeps variance or gradient, and for
    which weights gradients keep their size (χ₁ = 1), with the stability of the variance there (χ_q < 1).
    """
    from rheobase.errors import RheobaseError
    from rheobase.meanfield import certified_moments, theory

    try:
        biases = [float(part) for part in sigma_b.split(",")]
    except ValueError:
        raise RheobaseError(f"{sigma_b!r} is no list of numbers", instead="--sigma-b 0,0.05,0.3") from None
    found = theory(spec, biases)
    enclosures = certified_moments(spec) if certified else {}
    if as_json:
        print_json(found.to_dict() | ({"certified": enclosures} if certified else {}))
        return
    print_heading(found.activation)
    moments = [[name, f"{value:.12g}"] for name, value in found.moments.items()]
    print_table(["moment", "z ~ N(0, 1)"], moments)
    for name, (low, high) in enclosures.items():
        print(f"certified   {name} in [{low!s}, {high!s}]")
    print(f"gain        forward {found.gain['forward']:.6g} (keeps variance), backward {found.gain['backward']:.6g}")
    print(f"edge        {found.edge_reason}")
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
