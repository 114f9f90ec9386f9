"""Graphs as data that JSON can hold, and back.

A graph is ``{"format": 1, "ports": [...], "nodes": [...], "edges": [...]}``.

- A port has a ``type`` and a ``name``, and if it has them a ``dtype``, a ``validator``, ``optional``, a ``default``.
- A node has an ``id`` and a ``component``, the class's importable name; or a ``graph``, with the ``name`` of its
  component and whether it is ``exposed``; or the ``factory`` that makes the class with this ``name``, and the
  arguments ``made_with``, each ``{"value": ...}`` or ``{"import": "package.module:name"}``. Further, if it has them,
  a ``node_type`` and ``node_args``.
- An edge has an ``id``, a ``tail`` and a ``head`` such as ``A:output.out`` or ``GRAPH:input.inp``, None for a free
  end, and if it is finite a ``maxsize``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from fbdev.comp.port_spec import PortSpec, PortType
from fbdev.graph.dtype_data import dtype_from_data, dtype_to_data
from fbdev.graph.elements import GRAPH_ID, EdgeSpec, NodeSpec, end_str
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec
from fbdev.graph.importing import import_path, import_thing
from fbdev.graph.places import inside

FORMAT: Final = 1
_NODE_KEYS: Final = (
    "id", "component", "graph", "exposed", "factory", "made_with", "name", "node_type", "node_args",
)  # fmt: skip

_T = TypeVar("_T")
_Data = dict[str, Any]


def _at(place: str, do: Callable[..., _T], *args: Any) -> _T:
    """Call a function; an error of its is raised as one that names the place."""
    try:
        return do(*args)
    except (ValueError, TypeError, RuntimeError, LookupError) as error:
        text = error.args[0] if error.args else repr(error)
        raise ValueError(f"{place}: {text}") from error


# ---------------------------------------------------------------------------------------- to data


def graph_to_dict(graph: GraphSpec, path: str = "") -> _Data:
    """Return a graph, and the graphs within it, as data.

    Args:
        graph: the graph.
        path: where it is, for the places in errors.

    Raises:
        ValueError: if something in it has no importable name, or is a value that JSON cannot hold.
    """
    return {
        "format": FORMAT,
        "ports": [_port_to_data(spec, f"{path}{GRAPH_ID}.{spec.name}") for spec in graph.port_specs.iter_ports()],
        "nodes": [_node_to_data(node, path) for node in graph.nodes.values()],
        "edges": [_edge_to_data(edge) for edge in graph.edges.values()],
    }


def _port_to_data(spec: PortSpec, place: str) -> _Data:
    data: _Data = {"type": spec.port_type.label, "name": spec.name}
    if spec.has_dtype:
        data["dtype"] = _at(f"{place}, dtype", dtype_to_data, spec.dtype)
    if spec.has_data_validator:
        data["validator"] = _at(f"{place}, data_validator", import_path, spec.data_validator)
    if spec.is_optional:
        data["optional"] = True
    if spec.has_default:
        data["default"] = _at(f"{place}, default", _json_value, spec.default)
    return data


def _node_to_data(node: NodeSpec, path: str) -> _Data:
    place = path + node.id
    data = {"id": node.id} | _component_to_data(node, path)
    if node._node_type is not None:
        data["node_type"] = _at(f"{place}, node_type", import_path, node._node_type)
    if node.node_args:
        data["node_args"] = _at(f"{place}, node_args", _json_value, dict(node.node_args))
    return data


def _component_to_data(node: NodeSpec, path: str) -> _Data:
    kind, place = node.component_type, path + node.id
    if kind.__bases__ == (GraphComponentFactory,) and node.subgraph is not None:
        graph = graph_to_dict(node.subgraph, inside(path, node.id))
        return {"name": kind.__name__, "exposed": node.contains_graph, "graph": graph}
    if kind.made_with is None or kind.__bases__ != (kind.parent_factory,):
        return {"component": _at(place, import_path, kind)}
    args = {name: _at(f"{place}, {name}", _argument, value) for name, value in kind.made_with.items()}
    return {"name": kind.__name__, "factory": _at(place, import_path, kind.parent_factory), "made_with": args}


def _argument(value: Any) -> _Data:
    if callable(value):
        return {"import": import_path(value)}
    return {"value": _json_value(list(value) if isinstance(value, tuple) else value)}


def _edge_to_data(edge: EdgeSpec) -> _Data:
    tail, head = (None if end is None else end_str(end) for end in edge.ends)
    data: _Data = {"id": edge.id, "tail": tail, "head": head}
    if edge.maxsize is not None:
        data["maxsize"] = edge.maxsize
    return data


def _json_value(value: Any) -> Any:
    """Return a copy of a value that comes back from JSON as it went.

    Raises:
        ValueError: if it would not.
    """
    try:
        copy = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        copy = None
    if not _same(value, copy):
        raise ValueError(f"JSON cannot hold {value!r}, only None, bool, int, float, str, lists and dicts")
    return copy


def _same(value: Any, copy: Any) -> bool:
    if type(value) is not type(copy):
        return False
    if isinstance(value, list):
        return len(value) == len(copy) and all(map(_same, value, copy))
    if isinstance(value, dict):
        return value.keys() == copy.keys() and all(_same(inner, copy[key]) for key, inner in value.items())
    return bool(value == copy) and not (isinstance(value, float) and math.isnan(value))


# -------------------------------------------------------------------------------------- from data


def graph_from_dict(data: Mapping[str, Any], path: str = "") -> GraphSpec:
    """Return the graph that the data is of.

    Args:
        data: what `graph_to_dict` returned.
        path: where the graph is, for the places in errors.

    Raises:
        ValueError: if the data is no graph; the sentence names the place.
    """
    place = path.rstrip("/") or GRAPH_ID
    fields = _Fields(data, place, "format", "ports", "nodes", "edges")
    if fields.get("format", int, FORMAT) != FORMAT:
        raise ValueError(f"{place}: the format is {fields.get('format', int)}; this version reads {FORMAT}.")
    graph = GraphSpec(inherit_base_component_ports=False)
    for number, port in enumerate(fields.get("ports", list, [])):
        spec = _port_from_data(port, f"{path}{GRAPH_ID} port {number}")
        _at(f"{path}{GRAPH_ID}.{spec.name}", graph.add_graph_port, spec)
    for number, node in enumerate(fields.get("nodes", list, [])):
        _at(f"{path}node {number}", graph.add, _node_from_data(node, path, number))
    for number, edge in enumerate(fields.get("edges", list, [])):
        _add_edge(graph, edge, f"{path}edge {number}")
    return graph


class _Fields:
    """An object of the data: its values are asked for by key and type."""

    def __init__(self, data: Any, place: str, *known: str) -> None:
        if not isinstance(data, Mapping):
            raise ValueError(f"{place}: a mapping is expected, not {data!r}.")  # noqa: TRY004 - it is a value of data
        unknown = [key for key in data if key not in known]
        if unknown:
            raise ValueError(f"{place}: {unknown[0]!r} is unknown here: there can be {', '.join(known)}.")
        self._data = data
        self.place = place

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def get(self, key: str, kind: type[_T], *default: _T) -> _T:
        """Return the value of a key; without a default it must be there."""
        if key not in self._data and default:
            return default[0]
        if key not in self._data:
            raise ValueError(f"{self.place}: '{key}' is missing.")
        value = self._data[key]
        if not isinstance(value, kind):
            raise ValueError(f"{self.place}: '{key}' is {value!r}, which is no {kind.__name__}.")  # noqa: TRY004
        return value


def _port_from_data(data: Any, place: str) -> PortSpec:
    fields = _Fields(data, place, "type", "name", "dtype", "validator", "optional", "default")
    kind = _at(place, PortType.get, fields.get("type", str))
    name = fields.get("name", str)
    settings: _Data = {"is_optional": fields.get("optional", bool, False)}
    if "dtype" in fields:
        settings["dtype"] = _at(f"{place}, dtype", dtype_from_data, fields.get("dtype", object))
    if "validator" in fields:
        settings["data_validator"] = _at(f"{place}, validator", import_thing, fields.get("validator", str))
    if "default" in fields:
        settings["default"] = fields.get("default", object)
    return _at(place, lambda: PortSpec(kind, name, **settings))


def _node_from_data(data: Any, path: str, number: int) -> NodeSpec:
    fields = _Fields(data, f"{path}node {number}", *_NODE_KEYS)
    node_id = fields.get("id", str)
    place = fields.place = path + node_id
    if "graph" in fields:
        graph = graph_from_dict(fields.get("graph", dict), inside(path, node_id))
        exposed, name = fields.get("exposed", bool, True), fields.get("name", str, "GraphComponent")
        component: Any = GraphComponentFactory.create_component(graph, exposed, name)
    elif "factory" in fields:
        component = _made_again(fields)
    else:
        component = _at(place, import_thing, fields.get("component", str))
    node_type: Any = None
    if "node_type" in fields:
        node_type = _at(f"{place}, node_type", import_thing, fields.get("node_type", str))
    return _at(place, NodeSpec, component, node_id, node_type, fields.get("node_args", dict, {}))


def _made_again(fields: _Fields) -> Any:
    factory = _at(fields.place, import_thing, fields.get("factory", str))
    args: _Data = {}
    for name, data in fields.get("made_with", dict, {}).items():
        argument = _Fields(data, f"{fields.place}, {name}", "value", "import")
        if "import" in argument:
            args[name] = _at(argument.place, import_thing, argument.get("import", str))
        else:
            args[name] = argument.get("value", object)
    if "name" in fields:
        args["component_name"] = fields.get("name", str)
    return _at(fields.place, lambda: factory.create_component(**args))


def _add_edge(graph: GraphSpec, data: Any, place: str) -> None:
    fields = _Fields(data, place, "id", "tail", "head", "maxsize")
    edge_id = fields.get("id", str)
    edge = _at(place, graph.add_edge, fields.get("maxsize", object, None), edge_id)
    for key in ("tail", "head"):
        text = fields.get(key, object, None)
        if text is not None:
            _at(f"{place} ('{edge_id}'), {key}", _attach, graph, edge, text, key)


def _attach(graph: GraphSpec, edge: EdgeSpec, text: Any, key: str) -> None:
    node_id, colon, port = str(text).partition(":")
    label, dot, name = port.partition(".")
    if not colon or not dot:
        raise ValueError(f"an end is written as 'A:output.out', not {text!r}")
    found = graph.port_at((node_id, (PortType.get(label), name)))
    if found.feeds_edges is not (key == "tail"):
        raise ValueError(f"no edge {'begins' if key == 'tail' else 'ends'} at {found!r}")
    graph.connect_port_to_edge(found, edge)
