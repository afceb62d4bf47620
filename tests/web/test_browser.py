"""The pages in a browser: no error, the right numbers, links that hold a choice, text that stays text."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import rheobase as rb
from web.browsing import CHROMIUM, UNNAMED, at, move

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on the PATH")
SHOWN = ("swish", "relu", "gcu", "leaky_relu", "heaviside")
HOSTILE = (
    "#f=<img src=x onerror=alert(1)>;__proto__;constructor;swish:beta=NaN;swish:beta=1e9,a=1;%E0%A4&show=9&reach=-1"
)


def test_every_page_opens_without_an_error_and_fits_a_phone(page: Any, site: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    for file in sorted(site.rglob("*.html")):
        page.goto(file.as_uri())
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), file.name
        assert page.evaluate("document.querySelectorAll('h1').length") == 1
        assert page.evaluate(UNNAMED) == [], file.name


def test_light_and_dark(page: Any, site: Path) -> None:
    page.goto(at(site, "functions/swish.html"))
    seen = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        seen.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(seen) == 2


def test_the_page_computes_what_numpy_computes(page: Any, site: Path) -> None:
    page.goto(at(site, "functions/swish.html"))
    points = [-7.25, -1.5, -0.1, 0.3, 1.0, 5.5]
    for name in SHOWN:
        for order in range(3):
            shown = page.evaluate("([id, k, xs]) => xs.map(rheobase.at(id, {}, k))", [name, order, points])
            for x, y in zip(points, shown, strict=True):
                truth = rb.get(name).derivative(order)(x)
                assert abs(y - truth) <= 8 * math.ulp(max(abs(truth), 0.1)), (name, order, x)


def test_sliders_move_the_curve_to_the_right_values(page: Any, site: Path) -> None:
    page.goto(at(site, "functions/swish.html"))
    page.wait_for_selector("#plot path.curve")
    before = page.locator("#plot path.curve").first.get_attribute("d")
    move(page, "beta", 2.0)
    move(page, "x", -1.5)
    function = rb.get("swish:beta=2")
    told = page.inner_text("#readout")
    for order, label in enumerate(("f", "f′", "f″")):
        value = function.derivative(order)(-1.5)
        assert f"{label} = {value:.6g}".replace("-", "−").rstrip("0") in told
    assert page.locator("#plot path.curve").first.get_attribute("d") != before
    page.click("#reset")
    assert "x = −1.5" in page.inner_text("#readout")
    page.locator("input[name=x]").focus()
    page.keyboard.press("ArrowRight")
    assert "x = −1.49" in page.inner_text("#readout")


def test_a_curve_is_broken_where_it_jumps(page: Any, site: Path) -> None:
    page.goto(at(site, "functions/heaviside.html"))
    page.wait_for_selector("#plot path.curve")
    assert page.locator("#plot path.c1").first.get_attribute("d").count("M") == 2
    page.goto(at(site, "functions/relu.html"))
    page.wait_for_selector("#plot path.curve")
    assert page.locator("#plot path.c1").first.get_attribute("d").count("M") == 1


def test_the_index_keeps_what_is_asked_for_in_its_address(page: Any, site: Path) -> None:
    page.goto(at(site, "index.html"))
    page.select_option("[name=property]", "not-monotone")
    assert page.inner_text("#count") == "2 of 5 functions"
    page.fill("[name=from]", "2018")
    assert page.inner_text("#count") == "1 of 5 functions"
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    assert page.inner_text("#count") == "1 of 5 functions"
    page.click("button[type=reset]")
    page.locator("#count", has_text="5 of 5 functions").wait_for()


def test_a_link_holds_a_comparison(page: Any, site: Path) -> None:
    page.goto(at(site, "compare.html#f=swish:beta=2;relu&show=0,1&reach=3"))
    page.wait_for_selector("#plot path.curve")
    assert page.locator("#plot path.curve").count() == 4
    page.fill("#add", "gcu")
    page.keyboard.press("Enter")
    assert page.locator("#plot path.curve").count() == 6
    move(page, "beta", 1.5)
    address = page.url
    assert "swish%3Abeta%3D1.5" in address
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("#plot path.curve")
    assert page.locator("#plot path.curve").count() == 6
    assert page.locator("input[name=beta]").input_value() == "1.5"
    page.click("button[aria-label^='Remove']")
    assert page.locator("#chosen > li").count() == 2


def test_hostile_addresses_and_words_stay_text(page: Any, site: Path) -> None:
    for name in ("compare.html", "xor.html", "index.html"):
        page.goto(at(site, name + HOSTILE))
        page.wait_for_load_state("load")
        assert page.locator("main img").count() == 0
    page.goto(at(site, "compare.html" + HOSTILE))
    page.fill("#add", "<b>x</b>")
    page.keyboard.press("Enter")
    assert page.inner_text("#note") == "Not in the catalogue: <b>x</b>"
    assert page.locator("#chosen > li").count() <= 2


def test_the_xor_plane_answers(page: Any, site: Path) -> None:
    page.goto(at(site, "xor.html"))
    page.select_option("#function", "swish")
    page.click("#solve")
    assert "all four are right" in page.inner_text("#verdict")
    address = page.url
    page.select_option("#function", "relu")
    assert page.inner_text("#known") == "One neuron cannot."
    assert not page.is_visible("#solve")
    page.goto("about:blank")
    page.goto(address)
    assert "all four are right" in page.inner_text("#verdict")
    box = page.locator("#handle").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 90, steps=3)
    page.mouse.up()
    assert page.url != address
    assert "right" in page.inner_text("#verdict")


def test_the_story_draws_its_pictures_in_both_languages(page: Any, site: Path) -> None:
    page.goto(at(site, "story.html"))
    page.locator("svg[data-functions]").last.scroll_into_view_if_needed()
    page.locator("svg[data-functions]").last.locator("path.curve").first.wait_for(state="attached")
    page.click("a[hreflang=ko]")
    assert page.evaluate("document.documentElement.lang") == "ko"
    assert page.locator("section.statement").count() == 26
