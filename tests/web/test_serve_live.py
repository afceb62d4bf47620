"""A comparison from a page: asked, refused, followed to its end, stopped, killed; one real study in a browser."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import rheobase as rb
from rheobase.errors import RheobaseError
from rheobase.study import show
from rheobase.study.comparison import ask
from rheobase.study.lease import Lease, holder
from rheobase.web.serve.asking import from_command, from_form
from web.browsing import CHROMIUM, UNNAMED
from web.serving import Server, server

STUDY = {"functions": "squ", "on": "xor", "seeds": 2}
"""The smallest there is: 40 trainings of a neuron to choose a rate, a block of 5 at it."""


@pytest.fixture(scope="module")
def served(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(site, tmp_path_factory.mktemp("live") / "store.sqlite") as running:
        yield running


def plain(result: Any) -> dict[str, Any]:
    """As JSON has it, without what tells a run that trains from one that finds everything stored."""
    found = json.loads(json.dumps(result.to_dict() if hasattr(result, "to_dict") else result))
    return {key: value for key, value in found.items() if key not in ("reused", "trained")}


def test_a_real_study_is_followed_to_its_end(served: Server) -> None:
    states = served.events()
    assert next(states)["phase"] == "idle"
    assert served.get("/live/result.json").status == 404
    assert served.post("/live/compare.json", STUDY).json == {"command": "rheobase compare squ --on xor --seeds 2"}
    refused = served.post("/live/compare.json", STUDY)
    assert refused.status == 409 and "one comparison at a time" in refused.error
    seen = []
    for state in states:
        seen.append(state)
        if state["phase"] not in ("idle", "training"):
            break
    last = seen[-1]
    assert (last["phase"], last["done"], last["total"]) == ("done", 45, 45)
    done = [state["done"] for state in seen]
    assert done == sorted(done) and len(set(done)) > 2, "progress is told while it trains"
    tuned = next(state for state in seen if state["parts"] and state["parts"][0]["curves"])
    assert tuned["parts"][0]["curves"][0]["dash"] and len(tuned["parts"][0]["curves"][0]["y"]) > 5
    truth = rb.compare(["squ"], on="xor", seeds=2, store=served.store, workers=0)
    assert truth.trained == 0
    assert plain(served.get("/live/result.json").json) == plain(truth)
    headings, rows = show.table(truth)
    part = last["parts"][0]
    assert (part["headings"], part["rows"], part["title"]) == (headings, rows, show.heading(truth))
    assert last["sentences"] == show.sentences(truth)
    report = served.get("/live/report.html")
    assert b"<svg" in report.body and "script-src" not in report.headers["content-security-policy"]


def test_what_is_stored_is_shown_without_training(served: Server) -> None:
    wanted = {"functions": "relu", "on": "xor", "seeds": 2, "train": False}
    if not served.store.exists():
        rb.compare(["squ"], on="xor", seeds=2, store=served.store, workers=0)
    assert served.post("/live/compare.json", wanted).status == 200
    state = next(s for s in served.events() if s["phase"] == "watching" and s["total"])
    assert (state["done"], state["total"]) == (0, 45)
    assert served.post("/live/stop.json", {}).status == 200
    assert served.get("/live/state.json").json["phase"] == "stopped"


def test_a_page_that_comes_back_is_told_only_what_is_new(served: Server) -> None:
    connection = served.connection()
    connection.request("GET", "/live/events")
    stream = connection.getresponse()
    name = stream.readline().decode().removeprefix("id: ").strip()
    connection.close()
    connection = served.connection()
    connection.request("GET", "/live/events", headers={"Last-Event-ID": name})
    assert connection.getresponse().readline() == b": still here\n"
    connection.close()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"functions": "relu", "on": "my.py:train"}, "a page opens no files"),
        ({"functions": "relu", "on": "digits@/etc"}, "a page opens no files"),
        ({"functions": "relu", "on": "../digits"}, "a page opens no files"),
        ({"functions": "relu", "on": "neuron:0110:pm1:sign"}, "a page opens no files"),
        ({"functions": "relu", "on": "digit"}, "instead: digits"),
        ({"functions": "relu", "on": "xor,digit"}, "instead: digits"),
        ({"functions": "", "on": "xor"}, "no function"),
        ({"functions": 'relu "x', "on": "xor"}, "no partner"),
        ({"functions": "x " * 9, "on": "xor"}, "8 at most"),
        ({"functions": "x" * 3000}, "characters"),
        ({"functions": ["relu"]}, "is no text"),
        ({"functions": "relu", "seeds": "10"}, "no whole number"),
        ({"functions": "relu", "seeds": True}, "no whole number"),
        ({"functions": "relu", "seeds": 10**9}, "200 at most"),
        ({"functions": "relu", "init": 3}, "is no text"),
    ],
)
def test_a_form_that_asks_for_more_than_a_page_may_is_refused(form: dict[str, Any], said: str) -> None:
    with pytest.raises(RheobaseError, match=said):
        from_form(form)


def test_the_process_that_trains_reads_the_functions_as_the_shell_does(served: Server) -> None:
    answer = served.post("/live/compare.json", {"functions": "'x*tanh(x'", "on": "xor"})
    assert answer.status == 400 and "    x*tanh(x\n          ^\n" in answer.error
    assert served.get("/live/state.json").json["phase"] != "training"


@pytest.mark.parametrize(
    ("specs", "more"),
    [
        (["relu", "x*tanh(x)", "swish:beta=2"], {"seeds": 3, "init": "he"}),
        (["relu", "-x"], {"until": 0.5, "seeds": 20, "tuning": "halving"}),
        (["relu", "gelu"], {"race": True, "placebo": True, "margin": 0.1}),
    ],
)
def test_the_command_of_a_run_is_the_question_again(specs: list[str], more: dict[str, Any]) -> None:
    question = ask(specs, "wine", **more)
    plan = question.plan(question.tasks[0])
    again = ask(**from_command(question.command([plan])))
    assert again.plan(again.tasks[0]) == plan
    assert again.margin == question.margin
    with pytest.raises(RheobaseError, match="no comparison"):
        from_command("rheobase study run relu-units-die")
    with pytest.raises(RheobaseError, match="opens no files"):
        from_command("rheobase compare relu --on /tmp/my.py:train --seeds 2")


def test_a_run_in_a_shell_is_named_and_followed(served: Server) -> None:
    command = "rheobase compare squ --on xor --seeds 2"
    rb.compare(["squ"], on="xor", seeds=2, store=served.store, workers=0)
    assert holder(served.store) is None
    assert served.post("/live/follow.json", {}).status == 409
    with Lease(served.store, command):
        state = served.get("/live/state.json").json
        assert state["elsewhere"]["command"] == command
        refused = served.post("/live/compare.json", STUDY)
        assert refused.status == 409 and "follow it" in refused.error and command in refused.error
        assert served.post("/live/follow.json", {}).json == {"command": command}
        assert served.until("done")["done"] == 45
    assert served.get("/live/state.json").json["elsewhere"] is None


def trainer(running: Server) -> int:
    """The process that trains for a server."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if (found := holder(running.store)) is not None:
            return int(found[0].removeprefix("process ").split(",")[0])
        time.sleep(0.05)
    raise AssertionError("nothing trains")


def test_the_process_that_trains_and_the_server_may_end(site: Path, tmp_path: Path) -> None:
    """A killed process is told of; a server that ends stops what it began, and says how that goes on."""
    slow = {"functions": "relu swish", "on": "digits", "seeds": 50}
    with server(site, tmp_path / "store.sqlite") as running:
        assert running.post("/live/compare.json", slow).status == 200
        os.kill(trainer(running), signal.SIGKILL)
        assert "ended before its time" in running.until("failed")["told"]
        assert running.post("/live/compare.json", slow).status == 200
        process = trainer(running)
        code, said = running.end()
        assert code == 0 and "the same command goes on from there" in said
        assert "rheobase compare relu swish --on digits --seeds 50 --store" in said and "Traceback" not in said
        gone(process)
    with Lease(tmp_path / "store.sqlite"):
        pass  # nobody holds the store any more


def gone(process: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("it goes on without its server")


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on the PATH")
def test_the_live_pages_in_a_browser(served: Server, browser: Any) -> None:
    """A study from the form to its end: progress, a curve, the table; a formula checked; no message on the console."""
    wrong: list[str] = []
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.set_default_timeout(120_000)
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(served.address) else wrong.append(r.url))
    page.goto(f"{served.address}/live/compare.html")
    page.fill("[name=functions]", "squ")
    page.select_option("[name=on]", "xor")
    page.fill("[name=seeds]", "7")
    page.click("#start")
    page.locator("#phase", has_text="Training").wait_for()
    page.locator("#phase", has_text="Done").wait_for()
    assert page.inner_text("#told") == "50 of 50 trainings"
    truth = rb.compare(["squ"], on="xor", seeds=7, store=served.store, workers=0)
    assert truth.trained == 0
    _, rows = show.table(truth)
    assert page.locator("#parts tbody tr").all_inner_texts() == ["\t".join(row) for row in rows]
    assert page.locator("#parts path.curve").count() == 1
    for name in ("live/compare.html", "live/check.html#spec=x*tanh(x)"):
        page.goto(f"{served.address}/{name}")
        page.locator("#phase, #themes table").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(UNNAMED) == []
    assert page.locator("#plot path.curve").count() == 2
    assert " proven, " in page.inner_text("#told")
    assert wrong == []
    page.fill("#spec", "<img src=x onerror=alert(1)>")
    page.keyboard.press("Enter")
    page.locator("#wrong", has_text="<img src=x").wait_for()
    assert page.locator("main img").count() == 0
    page.close()
