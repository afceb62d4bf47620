"""Functions called in a module's own code, `F.relu(x)` or `x.tanh()`: where they stand, and how to send them elsewhere.

`torch.fx` (Reed, DeVito, He, Ussery & Ansel 2022) records what one module does, its submodules being single steps. A
record is trusted only where it says the same whatever the arguments: see `safe`.
"""

from __future__ import annotations

import ast
import dis
import gc
import inspect
import sys
import textwrap
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import torch
from torch import fx

from rheobase.activation import Activation as Definition
from rheobase.errors import RheobaseError
from rheobase.nn.known import of_call

TORCH = str(Path(torch.__file__).parent)
ASKED = frozenset(("isinstance", "type", "callable", "is_scripting", "is_tracing", "is_compiling"))
"""What code asks to find out what runs it; the answers are others while it is recorded."""


RECORDS = "_rewired_forwards"
"""The attribute in which a module keeps its forwards, made again when it is unpickled."""


class Site(NamedTuple):
    """A call in the code: the function that it stands in, its line in there, how many come before it on that line."""

    code: str
    line: int
    nth: int


@dataclass(frozen=True)
class Call:
    """One call of an elementwise function, and where it stands."""

    function: Definition
    file: str
    line: int
    site: Site | None = None

    @property
    def where(self) -> str:
        """File and line."""
        return f"{Path(self.file).name}:{self.line}"


class Unsafe(Exception):
    """Why the record of a module cannot stand in for its code."""


class _OneLevel(fx.Tracer):
    """Records a module's own steps, and where in the code each stands."""

    def __init__(self, name: str, made: list[weakref.ref[fx.Proxy]]) -> None:
        super().__init__()
        self.traced_func_name = name
        self.lost: str | None = None
        """What the code runs in that a record does not hold."""
        self.made = made
        """All that stood for a tensor: nothing of it may outlive the record."""

    def is_leaf_module(self, m: torch.nn.Module, module_qualified_name: str) -> bool:
        return True

    def create_node(self, kind: str, *args: Any, **kwargs: Any) -> fx.Node:
        node = super().create_node(kind, *args, **kwargs)
        frame = sys._getframe(1)
        while frame is not None and (frame.f_code in _OWN or frame.f_code.co_filename.startswith(TORCH)):
            if _records(frame.f_code):
                return node
            frame = frame.f_back
        if frame is not None:
            node.meta["at"] = (frame.f_code, frame.f_lineno)
        while frame is not None and not _records(frame.f_code):
            if frame.f_code.co_filename.startswith(TORCH):
                self.lost = f"{frame.f_code.co_qualname} of torch"
            elif _has_with(frame.f_code):
                self.lost = "a with statement"
            frame = frame.f_back
        return node

    def proxy(self, node: fx.Node) -> fx.Proxy:
        made = super().proxy(node)
        self.made.append(weakref.ref(made))
        return made


_OWN = {_OneLevel.create_node.__code__, _OneLevel.proxy.__code__}


@cache
def _records(code: CodeType) -> bool:
    """Is it torch.fx's own loop? Told by its name: torch wraps the method once its compiler is loaded."""
    return code.co_qualname == "Tracer.trace" and code.co_filename.startswith(TORCH)


@cache
def _has_with(code: CodeType) -> bool:
    return any(i.opname in ("BEFORE_WITH", "LOAD_SPECIAL") for i in dis.get_instructions(code))


def has_own_code(kind: type) -> bool:
    """Is the class's forward written by a user?"""
    forward = getattr(kind, "forward", None)
    room = getattr(forward, "__module__", None) or ""
    return isinstance(forward, FunctionType) and room.partition(".")[0] not in ("torch", "rheobase")


def calls(module: torch.nn.Module) -> list[Call]:
    """The calls of known functions that a module's own code makes, in training and in evaluation, each once.

    Raises:
        Unsafe: the code does not let itself be recorded so that the record could stand in for it.
    """
    found: dict[Site, Call] = {}
    made: list[weakref.ref[fx.Proxy]] = []
    for mode in (True, False):
        graph = _safe_graph(module, mode, made)
        for node, site, function in _known(graph):
            code, line = node.meta["at"]
            found.setdefault(site, Call(function, code.co_filename, line, site))
    if found and any(one() is not None for one in made):
        gc.collect()  # frames that torch.fx looked at may hold some in a circle
        if any(one() is not None for one in made):
            raise Unsafe("the code keeps what it has seen")
    return list(found.values())


def _safe_graph(module: torch.nn.Module, mode: bool, made: list[weakref.ref[fx.Proxy]]) -> fx.Graph:
    kind, name = original(type(module))
    forward: Any = kind.forward
    if asked := ASKED & set(_names(forward.__code__)):
        raise Unsafe(f"the code asks {min(asked)}(…)")
    parameters = list(inspect.signature(forward).parameters.values())[1:]
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
        raise Unsafe("the code takes any number of arguments")
    graph = _graph(module, name, mode, {}, made)
    optional = {p.name: p.default for p in parameters if p.default is not p.empty}
    if optional and _steps(graph) != _steps(_graph(module, name, mode, optional, made)):
        raise Unsafe(f"what the code does depends on {', '.join(optional)}")
    for node, _, _ in _known(graph):
        _check_in_place(graph, node)
    return graph


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _graph(
    module: torch.nn.Module, name: str, mode: bool, concrete: Mapping[str, Any], made: list[weakref.ref[fx.Proxy]]
) -> fx.Graph:
    """What the module does, found out with a double that shares its submodules: its own state is not touched."""
    double: torch.nn.Module = object.__new__(type(module))
    vars(double).update({k: _apart(v) for k, v in vars(module).items()}, training=mode)
    tracer = _OneLevel(name, made)
    try:
        graph = tracer.trace(double, dict(concrete) or None)
    except Exception as error:  # whatever a user's code raises when it is given no numbers
        reason = (str(error).split("\n")[0] or type(error).__name__).rstrip(".")
        raise Unsafe(f"torch.fx cannot follow the code: {reason}") from error
    if not _alike({**vars(module), "training": mode}, vars(double)):
        raise Unsafe("the code changes the module, or makes tensors anew")
    if tracer.lost is not None:
        raise Unsafe(f"the code runs in {tracer.lost}")
    return graph


def _apart(value: Any) -> Any:
    return value.copy() if isinstance(value, list | dict | set) else value


def _alike(a: Any, b: Any) -> bool:
    """Is one the same as the other, containers looked into?"""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_alike(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_alike, a, b))
    return len(a) == len(b) if isinstance(a, set) and isinstance(b, set) else a is b


def _steps(graph: fx.Graph) -> list[tuple[str, Any]]:
    """The steps but for those that only check an argument."""
    checks = ("_assert", "_assert_is_none", "eq")
    kept = [n for n in graph.nodes if n.op not in ("placeholder", "output")]
    return [(n.op, n.target) for n in kept if getattr(n.target, "__name__", "") not in checks]


def _known(graph: fx.Graph) -> Iterator[tuple[fx.Node, Site, Definition]]:
    met: dict[tuple[str, int], int] = {}
    for node in graph.nodes:
        if node.op not in ("call_function", "call_method") or "at" not in node.meta:
            continue
        function = of_call(node.target, node.args[1:], {k: v for k, v in node.kwargs.items() if k != "input"})
        if function is None:
            continue
        code, line = node.meta["at"]
        place = (code.co_qualname, line - code.co_firstlineno)
        met[place] = met.get(place, -1) + 1
        yield node, Site(*place, met[place]), function


def _input(node: fx.Node) -> Any:
    return node.args[0] if node.args else node.kwargs["input"]


def _check_in_place(graph: fx.Graph, node: fx.Node) -> None:
    name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", "")
    inside = bool(node.kwargs.get("inplace")) or (name.endswith("_") and not name.endswith("__"))
    order = {n: i for i, n in enumerate(graph.nodes)}
    if inside and any(order[user] > order[node] for user in _input(node).users):
        raise Unsafe(f"{name} changes its input in place, and the input is used again")


def original(kind: type) -> tuple[type, str]:
    """The class that the user wrote, and the name under which its forward is found in this one."""
    return (kind.rewired_from, "forward_as_written") if hasattr(kind, "rewired_from") else (kind, "forward")


def sites_of(kind: type) -> dict[Site, str]:
    """The calls that already go to submodules, with the submodules' names."""
    return dict(getattr(kind, "rewired_sites", ()))


@cache
def rewired(kind: type, sites: tuple[tuple[Site, str], ...]) -> type:
    """A class like `kind` whose calls at those sites go to the submodules of those names."""

    def forward(self: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        return _function(self, names)(self, *args, **kwargs)

    def reduce(self: torch.nn.Module, _: int) -> tuple[Any, ...]:
        return _blank, (kind, sites), {k: v for k, v in vars(self).items() if k != RECORDS}

    names = dict(sites)

    space: dict[str, Any] = {
        "forward": forward,
        "forward_as_written": kind.forward,
        "rewired_from": kind,
        "rewired_sites": sites,
        "__reduce_ex__": reduce,
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__doc__": kind.__doc__,
    }
    return type(kind.__name__, (kind,), space)


def rewire(module: torch.nn.Module, names: Mapping[Site, str]) -> None:
    """Send the calls at those sites to the submodules of those names, besides those that already go to one.

    Raises:
        Unsafe: the class does not let its instances have another.
    """
    kind, _ = original(type(module))
    sites = sites_of(type(module)) | dict(names)
    vars(module).pop(RECORDS, None)
    try:
        module.__class__ = rewired(kind, tuple(sorted(sites.items())))
    except TypeError as error:
        raise Unsafe(str(error)) from None


def prepare(module: torch.nn.Module) -> None:
    """Write the forwards of a rewired module for both modes, so that it can be compiled before it has ever run."""
    mode, sites = module.training, sites_of(type(module))
    try:
        for module.training in (not mode, mode):
            _function(module, sites)
    finally:
        module.training = mode


def _function(module: torch.nn.Module, names: Mapping[Site, str]) -> Callable[..., Any]:
    """The forward for the state that the module is in: what its code does may depend on plain values, its mode too."""
    made: dict[Any, Callable[..., Any]] = vars(module).setdefault(RECORDS, {})
    if torch.compiler.is_compiling() and module.training in made:
        return made[module.training]
    values = [(k, v) for k, v in vars(module).items() if isinstance(v, bool | int | float | str)]
    children = [(k, len(child._modules)) for k, child in module._modules.items() if child is not None]
    state = (*values, *children)
    if state not in made:
        made[state] = _written(module, names)
    made[module.training] = made[state]  # for torch.compile, which fixes the state itself
    return made[state]


def _blank(kind: type, sites: tuple[tuple[Site, str], ...]) -> Any:
    """For pickle and deepcopy."""
    return object.__new__(rewired(kind, sites))


def _written(module: torch.nn.Module, names: Mapping[Site, str]) -> Callable[..., Any]:
    """The forward in which the calls at those sites are calls of submodules."""
    try:
        graph = _safe_graph(module, module.training, [])
    except Unsafe as error:
        kind = type(module).__name__
        raise RheobaseError(
            f"{kind} has changed since its calls were replaced: {error}", instead="swap_ before such changes"
        ) from None
    for node, site, _ in list(_known(graph)):
        if site in names:
            with graph.inserting_after(node):
                new = graph.call_module(names[site], (_input(node),))
            node.replace_all_uses_with(new)
            graph.erase_node(node)
    return type(fx.GraphModule(module, graph)).forward


def written_calls(kind: type) -> list[Call]:
    """The calls of known functions that stand in the text of a class; empty where there is no text."""
    found: dict[tuple[str, int, str], Call] = {}
    for base in kind.__mro__:
        for name, function in vars(base).items():
            if inspect.getattr_static(kind, name) is not function:
                continue  # another class's stands in its place
            if isinstance(function, FunctionType) and (function.__module__ or "").partition(".")[0] != "torch":
                for call in _in_text(function):
                    found[call.file, call.line, call.function.name] = call
    return sorted(found.values(), key=lambda call: (call.file, call.line))


def _in_text(decorated: FunctionType) -> Iterator[Call]:
    function: Any = inspect.unwrap(decorated)
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            target, bound = _resolved(node.func, function.__globals__)
            others = [_literal(a) for a in (node.args if bound else node.args[1:])]
            known = of_call(target, others, {k.arg: _literal(k.value) for k in node.keywords if k.arg})
            if known is not None:
                yield Call(known, function.__code__.co_filename, first + node.lineno - 1)


def _resolved(node: ast.expr, names: Mapping[str, Any]) -> tuple[Any, bool]:
    """What a dotted name means; where it starts with no name of the module, the last word as a tensor's method."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if isinstance(node, ast.Name) and node.id in names:
        value = names[node.id]
        for part in parts:
            value = getattr(value, part, None)
        return value, False
    return (parts[-1] if parts and not (isinstance(node, ast.Name) and node.id == "self") else None), True


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None
