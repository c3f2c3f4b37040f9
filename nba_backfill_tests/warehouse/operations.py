"""What a GoogleSQL statement computes, with types: the casts and calls of its resolved tree.

The text does not show that ``a / b`` divides NUMERIC by INT64; the resolved tree does. From it
:func:`unportable` names the operations whose values differ between BigQuery and DuckDB, or
depend on the order of rows. Each was measured with both engines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.message import Message
from zetasql.wasi._pb2.zetasql.public import type_pb2

DOUBLE, NUMERIC = type_pb2.TYPE_DOUBLE, type_pb2.TYPE_NUMERIC
INT64, STRING = type_pb2.TYPE_INT64, type_pb2.TYPE_STRING
LITERAL = "a literal"
WHOLE_NUMBERS = {"round", "trunc", "floor", "ceil"}
FAR_BEHIND_THE_POINT = 8
ARITHMETIC = {"$add", "$subtract", "$multiply", "$divide", "safe_divide"}


@dataclass(frozen=True, slots=True)
class Operand:
    """One argument: its type, the operation it comes from, and its value if it is a literal."""

    kind: int
    name: str = ""
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A call or a cast: name, result type and arguments; ``ordered`` has its own ORDER BY."""

    name: str
    kind: int
    operands: tuple[Operand, ...]
    ordered: bool = False
    nudged: bool = False
    """Whether the first argument ends in ``+ 1e-9``, which settles halves alike everywhere."""


def _unwrap(message: Message) -> Message:
    """The node inside the ``Any...`` wrappers of the tree."""
    while message.DESCRIPTOR.name.startswith("AnyResolved"):
        message = getattr(message, message.WhichOneof("node"))
    return message


def _parents(node: Message) -> Iterator[Message]:
    """A node's inherited parts, itself first."""
    while True:
        yield node
        if "parent" not in node.DESCRIPTOR.fields_by_name:
            return
        node = node.parent


def _call_of(node: Message) -> Message | None:
    """The call inside a function node, or None."""
    for part in _parents(node):
        if part.DESCRIPTOR.name == "ResolvedFunctionCallBaseProto":
            return part
    return None


def _kind(node: Message) -> int:
    [expression] = (p for p in _parents(node) if p.DESCRIPTOR.name == "ResolvedExprProto")
    return expression.type.type_kind


def _literal(node: Message) -> float | None:
    if node.DESCRIPTOR.name != "ResolvedLiteralProto":
        return None
    value = node.value.value
    match value.WhichOneof("value"):
        case "double_value":
            return value.double_value
        case "int64_value":
            return float(value.int64_value)
        case "numeric_value":
            return int.from_bytes(value.numeric_value, "little", signed=True) / 1e9
    return None


def _operand(wrapped: Message) -> Operand:
    node = _unwrap(wrapped)
    call, value = _call_of(node), _literal(node)
    if call is not None:
        return Operand(_kind(node), call.function.name.removeprefix("ZetaSQL:"))
    return Operand(_kind(node), "" if value is None else LITERAL, value)


def _holds_nudge(wrapped: Message) -> bool:
    """Whether an expression is 1e-9, or something times 1e-9."""
    node = _unwrap(wrapped)
    call = _call_of(node)
    if call is not None and call.function.name == "ZetaSQL:$multiply":
        return any(_holds_nudge(argument) for argument in call.argument_list)
    return _literal(node) == 1e-9


def _is_nudged(wrapped: Message) -> bool:
    call = _call_of(_unwrap(wrapped))
    return (
        call is not None
        and call.function.name == "ZetaSQL:$add"
        and any(_holds_nudge(argument) for argument in call.argument_list)
    )


def operations(message: Message) -> Iterator[Operation]:
    """Every call and cast in a resolved statement."""
    name = message.DESCRIPTOR.name
    if name == "ResolvedCastProto":
        yield Operation("cast", _kind(message), (_operand(message.expr),))
    elif (
        name.startswith("Resolved")
        and name.endswith("FunctionCallProto")
        and (call := _call_of(message)) is not None
    ):
        inherited = [part for part in _parents(message) if hasattr(part, "order_by_item_list")]
        yield Operation(
            call.function.name.removeprefix("ZetaSQL:"),
            _kind(message),
            tuple(_operand(argument) for argument in call.argument_list),
            ordered=any(part.order_by_item_list for part in inherited),
            nudged=bool(call.argument_list) and _is_nudged(call.argument_list[0]),
        )
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.name in ("TypeProto", "ValueProto"):
            continue
        for inner in value if field.is_repeated else [value]:
            yield from operations(inner)


def _cast_problem(operation: Operation, operand: Operand) -> str | None:
    """Why a cast is not portable, or None."""
    if operation.kind == INT64 and operand.kind == DOUBLE and operand.name not in WHOLE_NUMBERS:
        return "a float cast to INT64: halves round away from zero, in DuckDB to even"
    if operation.kind == INT64 and operand.kind == STRING and operand.name != "regexp_extract":
        return "text cast to INT64: DuckDB also reads 12.7 and 1e3; extract the digits first"
    if operation.kind == STRING and operand.kind in (DOUBLE, NUMERIC):
        return "a number cast to STRING: the engines print 1 and 1.0"
    return None


def _arithmetic_problem(operation: Operation) -> str | None:
    """Why arithmetic is not portable, or None."""
    if operation.kind != NUMERIC:
        return None
    if operation.name in ("$divide", "safe_divide"):
        return "a division of NUMERIC: nine decimals, in DuckDB a float; cast to FLOAT64 first"
    literals = [o.value for o in operation.operands if o.value is not None]
    if fractions := [value for value in literals if value % 1]:
        return f"NUMERIC and the literal {fractions[0]}: DuckDB computes it as a float"
    return None


def _aggregate_problem(operation: Operation) -> str | None:
    """Why an aggregate is not portable, or None."""
    name = operation.name
    if name == "avg" and operation.kind == NUMERIC:
        return "an average of NUMERIC: nine decimals, in DuckDB a float; cast to FLOAT64 first"
    floats = any(operand.kind == DOUBLE for operand in operation.operands)
    if (name in ("sum", "avg") and floats) or name.startswith(("stddev", "var", "corr")):
        return "an aggregate of floats: the last digits depend on the order of rows"
    if name in ("array_agg", "string_agg") and not operation.ordered:
        return f"{name} without ORDER BY: the order of rows shows"
    return None


def _problem(operation: Operation) -> str | None:
    """Why an operation is not portable, or None."""
    if operation.name == "cast":
        return _cast_problem(operation, operation.operands[0])
    if operation.name in ARITHMETIC:
        return _arithmetic_problem(operation)
    if operation.name == "round" and operation.kind == DOUBLE:
        digits = operation.operands[1].value if len(operation.operands) > 1 else 0
        # Quotients of counts have no halves that far behind the point.
        if (digits is None or 0 < digits < FAR_BEHIND_THE_POINT) and not operation.nudged:
            return "a float rounded to decimals without + 1e-9: 1.005 and the like round both ways"
        return None
    return _aggregate_problem(operation)


def unportable(statement: Message) -> list[str]:
    """What a resolved statement computes that another engine or row order computes otherwise."""
    found = {problem for operation in operations(statement) if (problem := _problem(operation))}
    return sorted(found)
