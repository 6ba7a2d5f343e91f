"""Links of the document, and the requests that follow them."""

from schemathesis.core.result import Ok

from users import operation_id


def name_of(source: str, target: str) -> str:
    return f"{source} -> {target}"


def of_document(document: dict) -> list[str]:
    """Returns the names of all links: each with its source and its target."""
    names = {
        name_of(operation["operationId"], link["operationId"])
        for path in document["paths"].values()
        for operation in path.values()
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    }
    return sorted(names)


def followed(context, case) -> str | None:
    """Returns the name of the link that a request follows. None for the first request of a chain, for a link that
    schemathesis has inferred, and for a request that was sent with other values."""
    recorder = context.internals.recorder
    node = recorder.cases.get(case.id) if recorder else None
    if node is None or node.transition is None or node.transition.is_inferred or not has_values(node.transition, case):
        return None
    return name_of(operation_id(recorder.find_parent(case_id=case.id)), operation_id(case))


def has_values(transition, case) -> bool:
    """True if the path and the query have the values of the link. A header of a link is only a condition."""
    values = [
        ((getattr(case, container) or {}).get(name), parameter.value)
        for container in ("path_parameters", "query")
        for name, parameter in transition.parameters.get(container, {}).items()
    ]
    return bool(values) and all(sent is not None and isinstance(value, Ok) and value.ok() == sent for sent, value in values)
