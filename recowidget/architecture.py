"""What a Keras model is made of: its layers, and what feeds what."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from recowidget.errors import RecowidgetError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import keras


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a model.

    Attributes
    ----------
    name : str
        Its name in the model, for example "user_factors".
    kind : str
        Its class, for example "Embedding".
    output_shape : tuple or None
        Of what it gives, the batch being None; None where Keras doesn't know it, as in a subclassed model.
    n_parameters : int
        Numbers in its weights. What layers share counts for the first of them.
    inputs : tuple of str
        Names of the layers that feed it.
    trainable : bool
        Whether training changes its weights; True where it has none.
    """

    name: str
    kind: str
    output_shape: tuple[int | None, ...] | None
    n_parameters: int
    inputs: tuple[str, ...]
    trainable: bool

    def as_json(self) -> dict[str, Any]:
        """Return the attributes by name, with lists in place of tuples."""
        values = asdict(self)
        values["inputs"] = list(self.inputs)
        values["output_shape"] = None if self.output_shape is None else list(self.output_shape)
        return values


def describe(model: keras.Model) -> list[Layer]:
    """List the layers of a model, the inputs first.

    A model within the model is one layer. Where a model is subclassed, no graph is known: its layers come in
    the order it holds them, with no inputs. Weights of the model itself, outside its layers, are a layer of
    their own at the end.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    list of Layer
        ``sum(layer.n_parameters for layer in describe(model))`` is ``model.count_params()``.

    Raises
    ------
    RecowidgetError
        If `model` is no Keras model, or is not built yet.
    """
    if not hasattr(model, "layers") or not hasattr(model, "built"):
        raise RecowidgetError(f"describe takes a Keras model, not {type(model).__name__}")
    if not model.built:
        raise RecowidgetError(
            f"the model {model.name} is not built yet, so its layers have no shapes; call it once, on a user "
            "and an item"
        )
    counted: set[int] = set()
    graph = _graph(model)
    layers = [
        Layer(
            name=str(operation.name),
            kind=type(operation).__name__,
            output_shape=_output_shape(node),
            n_parameters=_count_new(getattr(operation, "weights", ()), counted),
            inputs=inputs,
            trainable=bool(getattr(operation, "trainable", True)),
        )
        for operation, node, inputs in (_ordered(model, graph) if graph else _listed(model))
    ]
    own = _count_new(model.weights, counted)
    if own:
        layers.append(Layer(str(model.name), "Weights", None, own, (), bool(model.trainable)))
    return layers


_Step = tuple[Any, Any, tuple[str, ...]]


def _graph(model: keras.Model) -> Any:
    """Give the graph of a functional model, by depth; of a Sequential that of the model inside it."""
    inner = getattr(model, "_functional", None) or model
    return getattr(inner, "_nodes_by_depth", None)  # (Keras has no public way to ask what feeds what)


def _ordered(model: keras.Model, graph: Any) -> list[_Step]:
    """List the operations of a graph: the inputs as the model takes them, then each after what feeds it."""
    nodes: dict[int, list[Any]] = {id(one._keras_history.operation): [] for one in model.inputs}  # noqa: SLF001
    for depth in sorted(graph, reverse=True):
        for node in graph[depth]:
            nodes.setdefault(id(node.operation), []).append(node)
    steps: list[_Step] = []
    for some in nodes.values():
        parents = [parent.operation for node in some for parent in node.parent_nodes]
        inputs = dict.fromkeys(str(parent.name) for parent in parents if parent is not some[-1].operation)
        steps.append((some[-1].operation, some[-1], tuple(inputs)))
    return steps


def _listed(model: keras.Model) -> list[_Step]:
    return [(layer, None, ()) for layer in model.layers]


def _output_shape(node: Any) -> tuple[int | None, ...] | None:
    if node is not None and len(node.outputs):
        return tuple(node.outputs[0].shape)
    return None


def _count_new(weights: Iterable[Any], counted: set[int]) -> int:
    """Count the numbers in the weights that were not counted yet."""
    total = 0
    for weight in weights:
        if id(weight) not in counted:
            counted.add(id(weight))
            size = 1
            for length in weight.shape:
                size *= int(length)
            total += size
    return total
