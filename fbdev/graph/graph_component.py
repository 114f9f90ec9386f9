"""Graphs as components: to be nodes of other graphs, or to be run."""

from __future__ import annotations

from typing import ClassVar

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port_spec import PortType
from fbdev.graph.graph_spec import GraphSpec


class GraphComponentFactory(BaseComponent):
    """Makes a component class of a graph. Its inside is built and run by the node that holds it."""

    is_factory = True
    graph: ClassVar[GraphSpec]
    expose_graph: ClassVar[bool] = True

    async def start(self) -> None:
        """Do what a component does; the node has started the inside.

        Raises:
            RuntimeError: if it is in no node, or what a component raises.
        """
        if self._node is None:
            raise RuntimeError(f"{type(self).__name__} is a graph: it runs inside a node (NodeSpec.create_node).")
        await super().start()

    async def _initial_config(self) -> None:
        """Hand the defaults of config ports that nobody feeds to the inside; the nodes there wait for the others.

        What no edge takes inside is the component's own.
        """
        for port in self.ports.get_all(PortType.CONFIG):
            if not port.targets:
                self.set_config(port.name, port.spec.default if port.spec.has_default else None)
            elif port.spec.has_default and not port.sources and not port.announced:
                await port._put_value(port.spec.default)

    @classmethod
    def create_component(
        cls, graph: GraphSpec, expose_graph: bool = True, component_name: str | None = None
    ) -> type[BaseComponent]:
        """Return a component class that runs a copy of the graph.

        Args:
            graph: the graph; what is changed in it afterwards has no effect.
            expose_graph: show the inside in pictures.
            component_name: the name of the class.
        """
        inside = graph.copy()
        inside.make_readonly()
        attrs = {"graph": inside, "expose_graph": expose_graph, "port_specs": inside.port_specs.copy()}
        return cls._create_component_class(component_name or "GraphComponent", attrs)
