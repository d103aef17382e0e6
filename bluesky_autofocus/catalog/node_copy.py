"""Copy what hangs below a node of one Tiled catalog to a node of another."""

from typing import TYPE_CHECKING, Any

from .metadata import without_infinity

if TYPE_CHECKING:
    from tiled.client.base import BaseClient
    from tiled.client.container import Container

__all__ = ["copy_children", "files_of", "plain_container"]


def plain_container(node: "BaseClient") -> "Container":
    """Return a client that shows a node as it is stored, without a Bluesky run's conveniences.

    Parameters
    ----------
    node : BaseClient
        A client of a run.

    Returns
    -------
    Container
        Its children are plain containers, tables and arrays.
    """
    from tiled.client.container import Container
    from tiled.structures.core import StructureFamily

    clients = node.structure_clients
    families = [family.value for family in StructureFamily if family.value in clients]
    return Container(
        node.context,
        item=node.item,
        structure_clients={family: clients[family] for family in families},
    )


def copy_children(source: "Container", destination: "Container") -> list[tuple[Any, Any]]:
    """Copy all children of a node: tables and arrays with their content, files by their address.

    `tiled.client.sync.copy` does arrays and files; tables in a database it cannot copy.

    Parameters
    ----------
    source, destination : Container
        As `plain_container` gives them.

    Returns
    -------
    list of (ArrayClient, ArrayClient)
        The arrays in files, there and here.
    """
    from tiled.client.sync import copy
    from tiled.structures.core import StructureFamily

    copy_by_key: Any = copy
    in_files = []
    for key, child in source.items():
        if child.structure_family == StructureFamily.container:
            node = destination.new(
                StructureFamily.container,
                [],
                key=key,
                metadata=without_infinity(child.metadata),
                specs=child.specs,
            )
            in_files += copy_children(child, plain_container(node))
        elif child.structure_family == StructureFamily.table:
            _copy_table(key, child, destination)
        else:
            copy_by_key({key: child}, destination)
            if files_of(child):
                in_files.append((child, destination[key]))
    return in_files


def files_of(node: Any) -> list[str]:
    """Return the addresses of the files that somebody else wrote and a node only shows.

    Parameters
    ----------
    node : BaseClient
        An array.

    Returns
    -------
    list of str
        Such as ``file://localhost/data/autofocus/frames/…``.
    """
    from tiled.structures.data_source import Management

    return [
        asset.data_uri
        for source in node.include_data_sources().data_sources()
        if source.management == Management.external
        for asset in source.assets
    ]


def _copy_table(key: str, source: Any, destination: "Container") -> None:
    import pyarrow

    structure = source.structure()
    schema = structure.arrow_schema_decoded
    table = destination.create_appendable_table(
        schema, key=key, metadata=without_infinity(source.metadata), specs=source.specs
    )
    for partition in range(structure.npartitions):
        rows = source.read_partition(partition)
        table.append_partition(
            0, pyarrow.Table.from_pandas(rows, schema=schema, preserve_index=False)
        )
