"""What a template asks of the values that it is given, through loops and macros."""

import types
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from jinja2 import Environment, nodes

Scope = dict[str, Any]
_LISTS = (list, set, tuple, frozenset)


class Reader:
    """Reads templates; `problems` are the attributes that a value's type has not."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.problems: list[str] = []
        self.named: set[str] = set()
        """Names that were asked for beside those that the template makes itself."""

    def read(self, template: str, scope: Scope) -> None:
        """Follow a template and those that it extends, with a type for each name of `scope`."""
        assert self.environment.loader is not None
        source, _, _ = self.environment.loader.get_source(self.environment, template)
        tree = self.environment.parse(source)
        for parent in tree.find_all(nodes.Extends):
            self.read(parent.template.value, dict(scope))
        self._body(tree.body, {**scope, "": template})

    def _body(self, body: Iterable[nodes.Node], scope: Scope) -> None:
        for node in body:
            self._statement(node, scope)

    def _statement(self, node: nodes.Node, scope: Scope) -> None:
        if isinstance(node, nodes.For):
            inner = {**scope, "loop": Any}
            self._bind(node.target, element(self.type_of(node.iter, scope)), inner)
            self._children(node, inner, skip=("target", "iter"))
        elif isinstance(node, nodes.Assign):
            self._bind(node.target, self.type_of(node.node, scope), scope)
        elif isinstance(node, nodes.Macro):
            scope[node.name] = (node, scope)
        elif isinstance(node, nodes.Import):
            scope[node.target] = self._macros(node.template.value)
        elif isinstance(node, nodes.Extends):
            return
        elif isinstance(node, nodes.Expr):
            self.type_of(node, scope)
        else:
            self._children(node, dict(scope) if isinstance(node, nodes.Block) else scope)

    def _children(self, node: nodes.Node, scope: Scope, skip: tuple[str, ...] = ()) -> None:
        for child in node.iter_child_nodes(exclude=skip):
            self._statement(child, scope)

    def _macros(self, template: str) -> Scope:
        """The macros of an imported template, which see no more than their arguments."""
        assert self.environment.loader is not None
        source, _, _ = self.environment.loader.get_source(self.environment, template)
        scope: Scope = dict.fromkeys(self.environment.globals, Any) | {"": template}
        self._body(self.environment.parse(source).body, scope)
        return scope

    def _bind(self, target: nodes.Node, kind: Any, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope[target.name] = kind
        elif isinstance(target, nodes.Tuple):
            parts = get_args(kind) if get_origin(kind) is tuple else ()
            for n, item in enumerate(target.items):
                self._bind(item, parts[n] if n < len(parts) else Any, scope)

    def type_of(self, node: nodes.Node, scope: Scope) -> Any:
        """The type of an expression, Any where it is not known."""
        if isinstance(node, nodes.Name):
            self.named.add(node.name)
            if node.name not in scope:
                self.problems.append(f"{scope['']}: {node.name} is not given")
            return scope.get(node.name, Any)
        if isinstance(node, nodes.Getattr):
            return self._attribute(self.type_of(node.node, scope), node.attr, scope)
        if isinstance(node, nodes.Getitem):
            return self._item(node, scope)
        if isinstance(node, nodes.Call):
            return self._call(node, scope)
        if isinstance(node, nodes.Filter) and node.node is not None:
            kind = self.type_of(node.node, scope)
            for child in (*node.args, *node.kwargs):
                self._statement(child, scope)
            kept = ("list", "selectattr", "sort", "reverse")
            return kind if node.name in kept else Any
        self._children(node, scope)
        return Any

    def _attribute(self, kind: Any, name: str, scope: Scope) -> Any:
        if isinstance(kind, dict):  # an imported template
            return kind.get(name, Any)
        kind = without_none(kind)
        if kind is Any or isinstance(kind, tuple):
            return Any
        origin = get_origin(kind) or kind
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return (kind, name) if hasattr(origin, name) else get_args(kind)[1]
        if is_dataclass(origin) and name in (hints := get_type_hints(origin)):
            return hints[name]
        if is_dataclass(origin) and isinstance(of := getattr(origin, name, None), property):
            return get_type_hints(of.fget)["return"]
        if not hasattr(origin, name) or is_dataclass(origin):
            self.problems.append(f"{scope['']}: {getattr(origin, '__name__', origin)}.{name}")
        return Any

    def _item(self, node: nodes.Getitem, scope: Scope) -> Any:
        kind = without_none(self.type_of(node.node, scope))
        if isinstance(node.arg, nodes.Slice):
            return kind
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return self._attribute(kind, node.arg.value, scope)
        self._statement(node.arg, scope)
        if issubclass(get_origin(kind) or object, Mapping):
            return get_args(kind)[1]
        return element(kind)

    def _call(self, node: nodes.Call, scope: Scope) -> Any:
        called = self.type_of(node.node, scope)
        given = [self.type_of(arg, scope) for arg in node.args]
        named = {word.key: self.type_of(word.value, scope) for word in node.kwargs}
        if not isinstance(called, tuple):
            return Any
        first, second = called
        if isinstance(first, nodes.Macro):
            inner = {**second, **dict.fromkeys((a.name for a in first.args), Any)}
            inner |= dict(zip((a.name for a in first.args), given, strict=False)) | named
            self._body(first.body, inner)
            return Any
        key, value = get_args(first)
        return {"items": list[tuple[key, value]], "get": value}.get(second, Any)  # type: ignore[valid-type]


def without_none(kind: Any) -> Any:
    """The type of a value that is there."""
    if get_origin(kind) in (Union, types.UnionType):
        kinds = [k for k in get_args(kind) if k is not type(None)]
        return kinds[0] if len(kinds) == 1 else Any
    return kind


def element(kind: Any) -> Any:
    """The type of what a loop over it gives."""
    kind = without_none(kind)
    arguments = get_args(kind)
    return arguments[0] if arguments and get_origin(kind) is not tuple else Any
