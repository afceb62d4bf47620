"""The playground in a browser: typing, sliders, addresses, refusals, hostile text; and every page under axe-core."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.web.playground import address
from web.browsing import CHROMIUM, at, becomes, move, needs_axe, violations

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on the PATH")

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "constructor(x)",
    "__proto__",
    "x; __proto__=1",
    "x*sigmoid(x) # $(touch /tmp/x); `id`",
    "__import__('os').system('true')",
    "(" * 3000 + "x",
    "1e400*x",
    "x" * 30_000,
    "x\u202e<script>alert(1)</script>",
    "javascript:alert(1)",
    "%E0%A4%A",
)


def opened(page: Any, site: Path, spec: str) -> None:
    """The playground with a function in its address, from nothing."""
    page.goto("about:blank")
    page.goto(at(site, "play.html#f=" + quote(spec, errors="surrogatepass")))


def told(page: Any) -> str:
    """The refusal as it is seen, in the form of Python's message."""
    what, instead = page.inner_text("#what"), page.inner_text("#instead")
    if page.is_visible("#caret"):
        return f"{what}\n{page.locator('#caret').text_content()}\ninstead: {instead}"
    return f"{what}; instead: {instead}"


def test_a_formula_is_drawn_with_its_derivatives(page: Any, site: Path) -> None:
    opened(page, site, "x*sigmoid(b*x); b=1.5")
    page.wait_for_selector("#plot path.curve")
    move(page, "x", -1.5)
    move(page, "b", 2.0)
    function = rb.get("x*sigmoid(b*x); b=2")
    for order, label in enumerate(("f", "f′", "f″")):
        value = function.derivative(order)(-1.5)
        assert f"{label} = {value:.6g}".replace("-", "−").rstrip("0") in page.inner_text("#readout")
    becomes(page, "#formula", "x*sigmoid(b*x); b=2")
    assert page.inner_text("#shell") == 'rheobase check "x*sigmoid(b*x); b=2"'
    assert "swish:beta=2" in page.inner_text("#known")
    assert page.locator("#plot path.curve").count() == 2
    page.locator("#orders input").nth(2).check()
    assert page.locator("#plot path.curve").count() == 3
    page.reload()
    assert page.input_value("#formula") == "x*sigmoid(b*x); b=2"


def test_typing_is_read_and_kept_in_the_address(page: Any, site: Path) -> None:
    page.goto(at(site, "play.html"))
    page.fill("#formula", "x*tanh(softplus(x))")
    becomes(page, "#known", "Mish")
    assert page.url.endswith("#f=x*tanh(softplus(x))")
    page.fill("#formula", "swish:beta=2")
    page.keyboard.press("Enter")
    assert page.locator("#known a").first.get_attribute("href") == "functions/swish.html"
    assert page.locator("input[name=beta]").input_value() == "2"
    page.fill("#formula", "x*cos(x)**3")
    page.keyboard.press("Enter")
    assert "No function of the catalogue agrees" in page.inner_text("#known")
    assert page.locator("#known li").count() == 3
    page.locator(".examples a").nth(2).click()
    becomes(page, "#formula", "where(x > 0, x, a*expm1(x)); a=1")


def test_a_refusal_is_that_of_the_shell(page: Any, site: Path) -> None:
    opened(page, site, "tanh")
    for spec in ("x^2", "x*sigmiod(x)", "swihs", "swish:bta=1", "x*(1 + x", "1e400*x", "x*b; b=1, c=2"):
        page.fill("#formula", spec)
        page.keyboard.press("Enter")
        with pytest.raises(RheobaseError) as caught:
            rb.get(spec)
        assert told(page) == str(caught.value)
        assert caught.value.what in page.locator("[role=alert]").text_content()
        assert page.get_attribute("#formula", "aria-invalid") == "true"
        assert page.get_attribute("#shown", "class") == "stale", "the last curve stays, and looks it"
        page.fill("#formula", "tanh")
        page.keyboard.press("Enter")
        assert not page.is_visible("#fault")
        assert page.get_attribute("#shown", "class") == ""


def test_hostile_text_stays_text(page: Any, site: Path) -> None:
    page.goto(at(site, "play.html#f=%E0%A4%A"))
    assert page.input_value("#formula") == "%E0%A4%A"
    for text in HOSTILE:
        page.evaluate("(text) => { location.hash = `f=${encodeURIComponent(text)}`; }", text)
        becomes(page, "#formula", text[:1000])
        assert page.evaluate("Object.keys(Object.prototype).length") == 0
        assert page.locator("main img, main script").count() == 0
        shell = page.locator("#shell").text_content()
        assert not set(shell) & set("`$\\#;<>'\n"), "what is copied to a shell is a formula and nothing else"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), text[:40]


def test_a_page_of_a_function_leads_here(page: Any, site: Path) -> None:
    page.goto(at(site, "functions/swish.html"))
    page.click("text=Try it")
    page.locator("#known li").first.wait_for()
    assert page.url.endswith(address(rb.get("swish")))
    assert page.input_value("#formula") == "x*sigmoid(beta*x); beta=1"
    assert "Swish" in page.inner_text("#known")


def test_a_phone_shows_the_place_of_a_fault(page: Any, site: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    opened(page, site, "x*sigmoid(x) + where(x < 0, x, 1) + max(x, 1) + (2 x) + tanh(x)*softplus(x)*erf(x)")
    line, mark = page.locator("#caret").text_content().splitlines()
    assert line[mark.index("^")] == "x" and line[mark.index("^") - 2] == "2"
    assert page.evaluate("caret.scrollWidth <= caret.clientWidth && document.documentElement.scrollWidth <= innerWidth")


@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_kind_of_page(browser: Any, site: Path, scheme: str) -> None:
    # The policy of the pages lets no script of elsewhere in; axe is let in past it.
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    kinds = [str(p.relative_to(site)) for p in sorted(site.rglob("*.html"))]
    for name in [*kinds, "play.html#f=x^2", "compare.html#f=relu;swish:beta=2&show=0,1&reach=6"]:
        page.goto("about:blank")
        page.goto(at(site, name))
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        assert violations(page) == [], (scheme, name)
    context.close()
